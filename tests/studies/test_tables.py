import json
from dataclasses import replace

import pytest

from fercli.published.numbers import published_value
from fercli.studies.aggregate import read_results
from fercli.studies.claims import compare
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.tables import study_table
from fercli.tables.terminal import to_terminal
from tests.stores import reseal


@pytest.fixture
def results(small_plan, finish, prints):
    """Three seeds of DDA (86, 87, 88 %), the first seed of center (86 %)."""
    prints()
    for cell, accuracy in zip(small_plan.cells[3:], (0.86, 0.87, 0.88), strict=True):
        finish(cell, accuracy)
    finish(small_plan.cells[0], 0.86)
    return read_results(small_plan)


def row(table, label):
    return next(row for block in table.blocks for row in block.rows if row.label == label)


def test_measured_beside_published_in_percent(results):
    cell = row(study_table(results), "DDA").cells["accuracy"]
    assert (cell.value, cell.sd, cell.n) == pytest.approx((87, 1, 3), rel=1e-9)
    assert (cell.published, cell.difference) == pytest.approx((86.90, 0.10), rel=1e-9)
    assert len(cell.sources) == 3
    assert cell.notes == (
        "differs from the print in landmarks (none / not said), selection (holdout / not said), "
        "criterion (accuracy / not said), aggregation (mean / single)",
    )


def test_a_number_of_another_protocol_stands_beside_the_measured_one_without_a_difference(results, prints):
    prints(crop="other crops")
    cell = row(study_table(results), "DDA").cells["accuracy"]
    assert (cell.published, cell.difference) == (86.90, None)
    assert cell.notes[0].startswith(
        "not compared with the print, which has another protocol: crop (aligned images of the release, 90 x 90 of "
        "100 x 100 / other crops); differs also in landmarks (none / not said), "
    )


def test_a_short_training_has_no_difference_to_the_print(small_plan, finish, prints):
    prints()
    for cell in small_plan.cells[3:]:
        finish(cell, budget="smoke")
    smoke = replace(small_plan, request=replace(small_plan.request, budget="smoke"))
    cell = row(study_table(read_results(smoke)), "DDA").cells["accuracy"]
    assert (cell.published, cell.difference) == (86.90, None)


def test_rows_of_other_protocols_stand_in_blocks_that_say_in_what_they_differ(small_plan, finish):
    for cell in small_plan.cells[:3]:
        finish(cell)
    for cell in small_plan.cells[3:]:
        finish(cell, pretraining="MS-Celeb-1M", selection="reported split")
    titles = [block.title for block in study_table(read_results(small_plan)).blocks]
    assert titles[:2] == [
        "pretraining ImageNet, selection holdout",
        "pretraining MS-Celeb-1M, selection reported split",
    ]


def test_a_block_at_generic_landmarks_says_so_also_alone(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell, landmarks="generic")
    assert study_table(read_results(small_plan)).blocks[0].title == "generic landmarks"


def test_one_seed_has_no_spread_and_says_what_is_missing(results):
    found = row(study_table(results), "center")
    assert (found.cells["accuracy"].n, found.cells["accuracy"].sd) == (1, None)
    assert found.notes == ("seeds left out: 1 (not begun), 2 (not begun)",)
    assert "n = 1: a single run" in to_terminal(study_table(results))


def test_protocols_of_rows_that_the_table_does_not_show_are_not_told(small, request_for, finish):
    """Table 4-9 is of stills and of clips, and each has a study of its own."""
    content = {"source": "crossmodal-gcn", "table": "Table 4-9", "data": "caer", "metrics": ["accuracy"], "claims": []}
    content["rows"] = [{"label": "AlexNet", "overrides": [], "published": "ImageNet-AlexNet"}]
    content["base"] = ["experiment=crossmodal_gcn/caer_s"]
    planned = plan(study_from("stills", small | content), request_for("caer"))
    finish(planned.cells[0], 0.5)
    notes = [note for note in study_table(read_results(planned)).notes if note.startswith("Published: ")]
    assert len(notes) == 1
    assert notes[0] == "Published: split not said, stills, pre-trained on ImageNet."


def test_a_row_says_which_classifier_was_fitted(fitted_plan, finish):
    for cell in fitted_plan.cells[:2]:
        finish(cell)
    table = study_table(read_results(fitted_plan))
    assert row(table, "center, SVM").notes == ("svm fitted to 270 samples",)
    assert row(table, "center").notes == ()


def test_quoted_rows_stand_in_a_block_of_their_own(results):
    table = study_table(results)
    assert [block.title for block in table.blocks] == ["", "quoted by the source from other papers"]
    quoted = row(table, "gACNN").cells
    assert (quoted["accuracy"].published, quoted["accuracy"].value) == (85.07, None)
    assert quoted["accuracy"].notes == ("quoted from the cited paper, not re-run",)
    assert "mean_class_accuracy" not in quoted  # the source prints a dash


def test_blocks_whose_protocols_differ_in_their_titles_alone_are_described_once(results):
    runs = results.runs.copy()
    runs.loc[runs["label"] == "center", "labels"] = "training labels with noise"
    assert runs["labels"].nunique(dropna=False) == 2
    notes = study_table(replace(results, runs=runs)).notes
    assert len([note for note in notes if note.startswith("Measured: ")]) == 1


def test_the_table_says_what_was_measured_and_published(results):
    notes = study_table(results).notes
    assert notes[0] == (
        "Measured: rafdb test (3,068 samples), best epoch on a held-out part of the training split, by accuracy; crop "
        "aligned images of the release, 90 x 90 of 100 x 100, landmarks none, pretraining ImageNet."
    )
    assert "mean ± standard deviation (number of seeds)" in notes[1]
    assert notes[2].startswith(
        "Published: official test, 7 classes, pre-trained on ImageNet, single run, aligned images of the release"
    )


def test_a_cell_has_an_interval_or_says_why_not(results):
    cell = row(study_table(results), "DDA").cells["accuracy"]
    assert cell.low < 86 < 88 < cell.high
    (results.plan.cells[4].run.path / "predictions.parquet").unlink()
    cell = row(study_table(read_results(results.plan)), "DDA").cells["accuracy"]
    assert (cell.n, cell.low) == (3, None)
    assert cell.notes[0].startswith("no interval: ")


def test_a_metric_that_resampling_moves_has_no_interval_and_the_others_keep_theirs(small, request_for, finish):
    small["metrics"].append("ece")
    small["claims"].append({"better": "DDA", "worse": "center", "metric": "ece"})
    planned = plan(study_from("small", small), request_for("rafdb"))
    for cell in planned.cells:
        finish(cell)
        content = json.loads(cell.run.metrics.read_text())
        content["metrics"]["ece"] = {"value": 0.05}
        reseal(cell.run.path, **content)
    results = read_results(planned)
    cells = row(study_table(results), "DDA").cells
    assert (cells["ece"].value, cells["ece"].n, cells["ece"].low) == (pytest.approx(5), 3, None)
    assert cells["ece"].notes == ("no interval: resampling biases this metric",)
    assert cells["accuracy"].low < 80 < cells["accuracy"].high
    found = compare(results, planned.study.claims[1])
    assert (found.p_samples, found.reason) == (None, "resampling biases this metric")
    assert found.over_seeds.n == 3


def test_a_study_of_a_reconstruction_says_so(small, request_for, finish):
    rows = [{"label": "DDA", "overrides": ["method=dda"]}]
    planned = plan(study_from("small", small | {"source": "dj-ldml", "rows": rows, "claims": []}), request_for("rafdb"))
    assert any("DJ-LDML is a reconstruction" in note for note in study_table(read_results(planned)).notes)


def test_several_versions_of_the_code_are_said(results):
    for cell, commit in zip(results.plan.cells[3:], ("aaaaaaaaaaaa", "bbbbbbbbbbbb+", "aaaaaaaaaaaa"), strict=True):
        content = json.loads(cell.run.metrics.read_text())
        reseal(cell.run.path, **(content | {"commit": commit}))
    notes = study_table(read_results(results.plan)).notes
    assert "The runs are of 2 versions of the code: aaaaaaaaaa (2 runs), bbbbbbbbbb+ (1 run)." in notes


def test_a_row_without_runs_keeps_its_published_number(small_plan, finish):
    finish(small_plan.cells[3])
    cell = row(study_table(read_results(small_plan)), "center").cells["accuracy"]
    assert (cell.value, cell.text, cell.published) == (None, "not run", 86.25)


def test_a_damaged_run_counts_as_not_run(results):
    cell = results.plan.cells[5]
    cell.run.metrics.write_text("{")
    assert row(study_table(read_results(results.plan)), "DDA").cells["accuracy"].n == 2


@pytest.mark.parametrize(
    ("protocol", "note"),
    [
        ({"selection": "reported split"}, "the epoch was chosen on the split that is reported"),
        ({"budget": "smoke"}, "budget smoke: not the training that the source describes"),
    ],
)
def test_other_protocols_are_marked(small_plan, finish, protocol, note):
    for cell in small_plan.cells[3:]:
        finish(cell, **protocol)
    assert row(study_table(read_results(small_plan)), "DDA").notes == (note,)


def test_overrides_of_the_user_are_said(small, request_for):
    asked = plan(study_from("small", small), request_for("rafdb", overrides=("trainer.max_epochs=61",)))
    notes = study_table(read_results(asked)).notes
    assert "Every cell with trainer.max_epochs=61: not the protocol of the study." in notes
    hardware = plan(study_from("small", small), request_for("rafdb", overrides=("trainer.accelerator=cpu",)))
    assert not any("Every cell with" in note for note in study_table(read_results(hardware)).notes)


@pytest.fixture
def two_preparations(small, request_for, finish):
    """AffectNet with 8 classes in the first row and, aligned by the eyes, with 7 in the second; all finished."""
    small |= {"source": "emotion-gcn", "table": "Table 3.1", "data": "affectnet", "base": ["trainer.max_epochs=1"]}
    small["rows"] = [
        {"label": "plain", "prepared": "affectnet8", "overrides": []},
        {"label": "aligned", "prepared": "affectnet_eyes", "overrides": []},
    ]
    planned = plan(study_from("small", small | {"claims": []}), request_for("affectnet8", "affectnet_eyes"))
    for cell in planned.cells:
        finish(cell, dataset="AffectNet", classes="8" if cell.label == "plain" else "7")
    return read_results(planned)


def test_rows_on_other_data_stand_in_blocks_of_their_own(two_preparations):
    blocks = study_table(two_preparations).blocks
    assert [block.title for block in blocks] == ["affectnet8, 8 classes", "affectnet_eyes, 7 classes"]
    assert [[row.label for row in block.rows] for block in blocks] == [["plain"], ["aligned"]]


def test_a_block_of_data_without_classes_counts_none(two_preparations):
    for cell in two_preparations.plan.cells:
        content = json.loads(cell.run.metrics.read_text())
        content["protocol"]["classes"] = ""
        reseal(cell.run.path, **content)
    blocks = study_table(read_results(two_preparations.plan)).blocks
    assert [block.title for block in blocks] == ["affectnet8", "affectnet_eyes"]


def test_the_notes_name_the_data_that_rows_ran_on(two_preparations):
    notes = study_table(two_preparations).notes
    assert [note.partition(" test")[0] for note in notes[:2]] == ["Measured: affectnet8", "Measured: affectnet_eyes"]
    assert "Published numbers are on the validation set" in " ".join(notes)


def test_what_to_know_of_the_prepared_data_is_said(small, request_for):
    """The source calls it CAER; its rows train on the stills of CAER-S."""
    rows = [{"label": "CMGCN", "overrides": []}]
    study = small | {"source": "crossmodal-gcn", "table": "Table 4-9", "data": "caer", "prepared": "caer_s"}
    study |= {"rows": rows, "claims": [], "base": ["trainer.max_epochs=1"]}
    notes = study_table(read_results(plan(study_from("small", study), request_for("caer_s")))).notes
    assert sum(note.startswith("Training and test stills come from the same clips.") for note in notes) == 1


def test_on_other_data_published_numbers_stand_apart(small, request_for, finish):
    elsewhere = plan(study_from("small", small), request_for("ferplus", data="ferplus"))
    for cell in elsewhere.cells:
        finish(cell)
    table = study_table(read_results(elsewhere))
    assert table.title == "Losses on RAF-DB (dda-dacl, Table 3.3), run on ferplus"
    cells = row(table, "DDA").cells
    assert (cells["accuracy"].published, cells["accuracy"].difference) == (None, None)
    assert cells["accuracy elsewhere"].published == 86.90
    assert [column.label for column in table.columns][2:] == ["accuracy on rafdb", "mean class accuracy on rafdb"]
    assert "accuracy" not in row(table, "gACNN").cells


def test_a_row_may_be_quoted_from_another_table(small, request_for):
    """Of the same source, and its footnote says from which."""
    small["rows"][2] |= {"label": "elsewhere", "published": "DLP-CNN", "table": "Table 4.1"}
    cell = row(study_table(read_results(plan(study_from("small", small), request_for("rafdb")))), "elsewhere").cells
    assert cell["accuracy"].published == published_value("dda-dacl", "Table 4.1", "DLP-CNN", "accuracy", "RAF-DB")
    assert cell["accuracy"].notes[0] == "from Table 4.1"
