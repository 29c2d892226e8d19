import pandas as pd
import pytest

from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.verdicts import claims_table, pairs_table
from fercli.tables.terminal import to_terminal
from tests.stores import reseal


@pytest.fixture(autouse=True)
def of_one_protocol(prints):
    """What the source prints is of the protocol of the runs; other protocols are the subject of test_differences."""
    prints()


def claim(planned):
    (row,) = claims_table(read_results(planned)).blocks[0].rows
    return row


@pytest.fixture
def finished(small_plan, finish):
    """DDA 2.4, 3.0 and 3.6 points above center."""
    for cell, accuracy in zip(small_plan.cells, (0.86, 0.86, 0.86, 0.884, 0.890, 0.896), strict=True):
        finish(cell, accuracy)
    return small_plan


def test_a_claim_with_its_difference_verdict_and_tests(finished):
    row = claim(finished)
    assert row.label == "DDA > center (accuracy)"
    difference = row.cells["difference"]
    assert (difference.value, difference.n) == (pytest.approx(3.0, rel=1e-9), 3)
    # By t with 2 degrees 1.4905 from the seeds alone, and a little more from the samples.
    assert 1.4905 < (difference.high - difference.low) / 2 < 2.2
    assert (difference.high + difference.low) / 2 == pytest.approx(3.0, rel=1e-9)
    assert (row.cells["published"].text, row.cells["verdict"].text) == ("+0.65", "confirmed")
    assert 0.0131 < row.cells["p_seeds"].value < 0.03  # 0.0131 of seeds alone
    assert row.cells["p_flips"].value == 0.25
    assert row.cells["p_samples"].value == pytest.approx(2 / 2**36, rel=1e-6)  # 36 samples, none the other way
    assert "seeds" not in row.cells


def test_an_undecided_claim_says_how_many_seeds_it_needs(small_plan, finish):
    for cell, accuracy in zip(small_plan.cells, (0.86, 0.86, 0.86, 0.85, 0.87, 0.88), strict=True):
        finish(cell, accuracy)
    cells = claim(small_plan).cells
    assert (cells["verdict"].text, cells["seeds"].text) == ("undecided", "64")  # 44 were seeds the only chance


def test_seeds_that_differ_by_the_same_have_no_p_and_are_told_why(small_plan, finish):
    for cell, accuracy in zip(small_plan.cells, (0.86, 0.87, 0.88, 0.856, 0.866, 0.876), strict=True):
        finish(cell, accuracy)
    cells = claim(small_plan).cells
    assert (cells["verdict"].text, cells["seeds"].text) == ("undecided (no spread)", "not known")
    assert (cells["p_seeds"].value, cells["p_seeds"].text) == (None, "no spread")
    assert cells["p_seeds"].notes == (
        "all 3 seeds differ by the same \N{MINUS SIGN}0.40: three equal differences of a 1,000-row test set say "
        "nothing about spread",
    )
    assert (cells["difference"].low, cells["difference"].high) == (None, None)
    assert "< 0.001" not in to_terminal(pairs_table(read_results(small_plan)))


def test_a_spread_of_less_than_a_row_has_no_p_and_is_told_why(small_plan, finish):
    for cell, accuracy in zip(small_plan.cells, (0.86, 0.87, 0.88, 0.890, 0.900, 0.911), strict=True):
        finish(cell, accuracy)
    (note,) = claim(small_plan).cells["p_seeds"].notes
    assert note == (
        "the differences of all 3 seeds have a standard deviation of 0.058, less than the change by one of the "
        "1,000 rows (0.100): they say nothing about spread"
    )


def test_a_test_set_that_is_too_small_is_told(small_plan, finish):
    for cell, accuracy in zip(small_plan.cells, (0.860, 0.860, 0.860, 0.862, 0.861, 0.863), strict=True):
        finish(cell, accuracy)
    assert claim(small_plan).cells["seeds"].text == "more samples"


def test_too_few_seeds_are_said_loudly(small_plan, finish):
    assert claim(small_plan).cells["verdict"].text == "undecided (no common seed)"
    for cell in (small_plan.cells[0], small_plan.cells[3]):
        finish(cell)
    assert claim(small_plan).cells["verdict"].text == "undecided (n = 1: a single seed)"
    assert "n = 1: a single run" in to_terminal(claims_table(read_results(small_plan)))


def test_without_predictions_there_is_no_verdict(finished):
    (finished.cells[0].run.path / "predictions.parquet").unlink()
    cells = claim(finished).cells
    assert cells["verdict"].text == "undecided (samples not tested)"
    assert (cells["p_samples"].value, cells["p_samples"].text) == (None, "not tested")
    assert "is missing" in cells["p_samples"].notes[0]


def test_rows_that_were_evaluated_on_other_samples_are_not_tested_and_say_so(finished):
    path = finished.cells[0].run.path / "predictions.parquet"
    frame = pd.read_parquet(path)
    frame.assign(id="another " + frame["id"]).to_parquet(path)
    reseal(path.parent)
    for block in pairs_table(read_results(finished)).blocks:  # accuracy by McNemar, mean class accuracy by bootstrap
        cell = block.rows[0].cells["p_samples"]
        assert (cell.value, cell.text) == (None, "not tested")
        assert cell.notes[0].startswith("expected predictions for the same samples in all runs that are compared")


def test_the_tests_behind_the_verdicts_are_named(finished):
    text = " ".join(to_terminal(claims_table(read_results(finished))).split())
    for words in (
        "after Holm's correction",
        "p both: test of no difference over other seeds and other samples",
        "sign-flip permutation test over seeds, exact up to 13 seeds",
        "else Student's t test with the standard error of the bootstrap",
        "[95 % interval over seeds and 1,000 samples]",
        "McNemar",
        "for a verdict in 80 % of cases on this test set",
    ):
        assert words in text, words


def test_other_data_is_said(small, request_for):
    elsewhere = plan(study_from("small", small), request_for("ferplus", data="ferplus"))
    assert claims_table(read_results(elsewhere)).title == "Claims of dda-dacl, Table 3.3, evaluated on ferplus"


@pytest.fixture
def against_print(small, request_for, finish):
    """DDA with 94.0, 94.6 and 95.0 %, claimed to be better than gACNN, for which 85.07 % are printed."""

    def results(**options):
        small["claims"] = [{"better": "DDA", "worse": "gACNN", "metric": "accuracy"}]
        planned = plan(study_from("small", small), request_for("rafdb", "ferplus", **options))
        for cell, accuracy in zip(planned.cells[3:], (0.940, 0.946, 0.950), strict=True):
            finish(cell, accuracy)
        return planned

    return results


def test_a_claim_against_a_printed_number(against_print):
    planned = against_print()
    row = claim(planned)
    assert row.label == "DDA > gACNN as printed (accuracy)"
    assert (row.cells["difference"].value, row.cells["difference"].n) == (pytest.approx(9.4633333), 3)
    assert (row.cells["published"].text, row.cells["verdict"].text) == ("+1.83", "confirmed")
    assert "seeds" not in row.cells
    text = " ".join(to_terminal(claims_table(read_results(planned))).split())
    assert "Its number comes from one training, and its spread is assumed to equal that of our row" in text


def test_printed_numbers_are_explained_only_where_a_claim_needs_it(finished):
    assert "as printed" not in to_terminal(claims_table(read_results(finished))).lower()


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"data": "ferplus"}, "run on ferplus, where"), ({"budget": "smoke"}, "budget smoke, not the")],
)
def test_a_printed_number_that_does_not_compare_says_why(against_print, options, reason):
    cells = claim(against_print(**options)).cells
    assert (cells["verdict"].text, cells["p_samples"].text) == ("undecided (not compared)", "not tested")
    assert (cells["difference"].value, cells["p_seeds"].value, "seeds" in cells) == (None, None, False)
    (note,) = cells["verdict"].notes
    assert note.startswith(reason)
    assert cells["p_samples"].notes == (note,)


def test_without_runs_a_printed_number_waits_for_a_seed(small, request_for):
    reason = "a text of the source says so"
    small["claims"] = [{"better": "gACNN", "worse": "DDA", "metric": "accuracy", "against_print": reason}]
    row = claim(plan(study_from("small", small), request_for("rafdb")))
    assert (row.label, row.cells["verdict"].text) == ("gACNN as printed > DDA (accuracy)", "undecided (no seed)")
    assert row.cells["verdict"].notes == (f"the printed numbers say otherwise: {reason}",)


def test_every_row_is_held_against_the_first_in_every_metric(finished):
    table = pairs_table(read_results(finished))
    assert table.title == "Tests against center"
    assert [block.title for block in table.blocks] == ["accuracy", "mean class accuracy"]
    (accuracy,), (mean_class,) = (block.rows for block in table.blocks)
    assert (accuracy.label, accuracy.cells["counts"].text) == ("DDA", "90 : 0")
    assert accuracy.cells["p_seeds"].value == pytest.approx(2 * claim(finished).cells["p_seeds"].value, rel=1e-6)
    assert "counts" not in mean_class.cells


def test_a_single_row_has_nothing_to_be_held_against(small, request_for):
    small |= {"rows": small["rows"][:1], "claims": []}
    assert pairs_table(read_results(plan(study_from("small", small), request_for("rafdb")))) is None
