import pytest

from fercli.reports.terminal import to_terminal
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.verdicts import claims_table


def cells(plan_with_runs):
    (row,) = claims_table(read_results(plan_with_runs)).blocks[0].rows
    return row


@pytest.fixture
def finished(small_plan, finish):
    """DDA 1.0, 1.1 and 1.2 points above center, which errs in one of the two samples."""
    for cell, accuracy in zip(small_plan.cells, (0.86, 0.86, 0.86, 0.870, 0.871, 0.872), strict=True):
        finish(cell, accuracy, ("fear", "fear") if cell.label == "center" else ("fear", "anger"))
    return small_plan


def test_a_claim_with_its_difference_verdict_and_tests(finished):
    row = cells(finished)
    assert row.label == "DDA > center (accuracy)"
    difference = row.cells["difference"]
    assert (difference.value, difference.n) == (pytest.approx(1.1, rel=1e-9), 3)
    assert (difference.low, difference.high) == pytest.approx((1.1 - 0.2484138, 1.1 + 0.2484138), rel=1e-6)
    words = {key: row.cells[key].text for key in ("published", "verdict", "seeds", "mcnemar")}
    assert words == {"published": "+0.65", "verdict": "confirmed", "seeds": "3", "mcnemar": "3 : 0, p = 0.25"}


def test_too_few_seeds_are_said(small_plan, finish):
    assert cells(small_plan).cells["verdict"].text == "undecided (0 common seeds)"
    for cell in (small_plan.cells[0], small_plan.cells[3]):
        finish(cell)
    assert cells(small_plan).cells["verdict"].text == "undecided (1 common seed)"


def test_a_run_without_predictions_keeps_its_verdict(finished):
    (finished.cells[0].run.path / "predictions.parquet").unlink()
    found = cells(finished).cells
    assert found["verdict"].text == "confirmed"
    assert found["mcnemar"].text == "no predictions"
    assert "cannot be read" in found["mcnemar"].notes[0]


def test_the_test_behind_the_verdicts_is_named(finished):
    text = to_terminal(claims_table(read_results(finished)))
    assert "paired t interval (95%)" in text
    assert "fewer than 3 seeds" in text


def test_other_data_is_said(small, request_for):
    elsewhere = plan(study_from("small", small), request_for("ferplus", data="ferplus"))
    assert claims_table(read_results(elsewhere)).title == "Claims of dda-dacl, Table 3.3, judged on ferplus"
