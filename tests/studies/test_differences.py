from dataclasses import replace

import pytest

from fercli.protocol import FIELDS, Protocol
from fercli.studies import differences
from fercli.studies.aggregate import read_results
from fercli.studies.claims import compare
from fercli.studies.differences import against, against_print, no_comparison, printed_pair, why_not
from fercli.studies.intended import NEVER
from fercli.studies.study import study_from
from fercli.studies.verdicts import claims_table

ONE = Protocol("RAF-DB", **{name: f"some {name}" for name in FIELDS if name != "dataset"})


@pytest.fixture
def study(small):
    """Departs from print in how the epoch is chosen, and in nothing else."""
    return study_from("small", small | {"intended": [{"field": "selection", "reason": "chosen honestly"}]})


def test_equal_protocols_compare_without_a_note(study):
    found = against(study, ONE, replace(ONE))
    assert (found.compares, found.note) == (True, "")


@pytest.mark.parametrize("name", FIELDS)
def test_a_difference_wants_every_field_that_differs_to_be_named(study, name):
    found = against(study, ONE, replace(ONE, **{name: "", "selection": "last"}))
    assert found.compares == (name == "selection")
    assert name.replace("_", " ") in found.note


def test_the_note_has_both_values_and_says_what_is_not_said(study):
    found = against(study, replace(ONE, selection="holdout"), replace(ONE, selection=""))
    assert found.note == "differs from the print in selection (holdout / not said)"
    found = against(study, replace(ONE, selection="holdout"), replace(ONE, selection="", split="validation"))
    assert found.note == (
        "not compared with the print, which has another protocol: split (some split / validation); differs also in "
        "selection (holdout / not said)"
    )


def test_without_runs_or_a_printed_number_there_is_nothing_to_hold_together(small_plan, finish, prints):
    prints()
    center, dda, gacnn = small_plan.study.rows
    assert against_print(read_results(small_plan), "DDA", dda, "accuracy") is None
    finish(small_plan.cells[3])
    results = read_results(small_plan)
    assert against_print(results, "DDA", dda, "accuracy").compares
    assert against_print(results, "DDA", gacnn, "mean_class_accuracy") is None
    assert against_print(results, "center", center, "accuracy") is None


def test_a_short_training_and_other_data_never_compare(small_plan):
    request = small_plan.request
    assert no_comparison(small_plan) == ""
    assert "budget smoke" in no_comparison(replace(small_plan, request=replace(request, budget="smoke")))
    assert "where the source used rafdb" in no_comparison(replace(small_plan, other_data=True))


@pytest.mark.parametrize("name", NEVER)
def test_a_claim_is_not_held_against_a_number_of_another_protocol(small, small_plan, finish, prints, name):
    prints(**{name: "other"})
    for cell in small_plan.cells:
        finish(cell)
    claim = study_from("small", small | {"claims": [{"better": "DDA", "worse": "gACNN", "metric": "accuracy"}]})
    results = read_results(replace(small_plan, study=claim))
    reason = why_not(results, "DDA", claim.rows[2], "accuracy")
    assert name.replace("_", " ") in reason
    assert compare(results, claim.claims[0]).reason == reason
    (row,) = claims_table(results).blocks[0].rows
    assert row.cells["verdict"].text == "undecided (not compared)"


def test_printed_numbers_that_a_source_compares_have_a_difference_unless_they_are_of_two_things(small, monkeypatch):
    study = study_from("small", small)
    protocols = {
        "center loss": ONE,
        "DDA loss": replace(ONE, version="clips", crop="other"),
        "gACNN": replace(ONE, pretraining=""),
    }
    monkeypatch.setattr(differences, "published_protocol", lambda study, row, metric: protocols[row.published])
    center, dda, gacnn = study.rows
    assert printed_pair(study, center, center, "accuracy") == (True, "")
    assert printed_pair(study, center, gacnn, "accuracy") == (
        True,
        "the two printed numbers differ in pretraining (some pretraining / not said)",
    )
    assert printed_pair(study, dda, center, "accuracy") == (
        False,
        "the two printed numbers have different protocols: version (clips / some version)",
    )


def test_a_claim_against_a_quoted_number_says_what_differs(small, small_plan, finish, prints):
    prints()
    for cell in small_plan.cells:
        finish(cell)
    claim = study_from("small", small | {"claims": [{"better": "DDA", "worse": "gACNN", "metric": "accuracy"}]})
    (row,) = claims_table(read_results(replace(small_plan, study=claim))).blocks[0].rows
    assert any(note.startswith("differs from the print in landmarks") for note in row.cells["verdict"].notes)
