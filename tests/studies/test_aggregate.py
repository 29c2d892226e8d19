import json

import pytest

from fercli.errors import RunError
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.stores import reseal


def reasons(results):
    return {left.folder: left.reason for left in results.left_out}


def change(cell, **changes):
    content = json.loads(cell.run.metrics.read_text())
    reseal(cell.run.path, **(content | changes))


def test_values_by_seed_in_percent(small_plan, finish):
    for cell, accuracy in zip(small_plan.cells[3:], (0.86, 0.87, 0.88), strict=True):
        finish(cell, accuracy)
    results = read_results(small_plan)
    assert results.values("DDA", "accuracy") == pytest.approx({0: 86, 1: 87, 2: 88})
    assert results.values("center", "accuracy") == {}
    assert results.folders("DDA") == {cell.seed: cell.run.path for cell in small_plan.cells[3:]}


def test_every_cell_is_in_the_table_or_left_out_with_a_reason(small_plan, finish):
    finished, damaged, stopped, *others = small_plan.cells
    for cell in (finished, damaged):
        finish(cell)
    damaged.run.metrics.write_text("{")
    stopped.run.last.parent.mkdir(parents=True)
    stopped.run.last.touch()
    expected = {damaged.run.path: "damaged or changed", stopped.run.path: "stopped"}
    assert reasons(read_results(small_plan)) == expected | {cell.run.path: "not begun" for cell in others}


def test_the_numbers_of_a_classifier_are_those_of_its_evaluation(fitted_plan, finish):
    for cell, accuracy in zip(fitted_plan.cells[:2], (0.8, 0.82), strict=True):
        finish(cell, accuracy)
    results = read_results(fitted_plan)
    assert results.values("center", "accuracy") == pytest.approx({0: 80})
    assert results.values("center, SVM", "accuracy") == pytest.approx({0: 82})
    assert results.folders("center, SVM") == {0: fitted_plan.cells[1].result.path}
    assert set(reasons(results).values()) == {"not begun"}
    assert len(results.resampled("center, SVM", "accuracy")) == 1


def test_runs_of_another_plan_do_not_enter(small, small_plan, request_for, finish):
    for cell in plan(study_from("small", small), request_for("rafdb", overrides=("trainer.max_epochs=61",))).cells:
        finish(cell)
    assert read_results(small_plan).runs.empty


@pytest.mark.parametrize("changes", [{"run_id": "0000000000"}, {"seed": 7}])
def test_a_run_in_the_folder_of_another_is_left_out(small_plan, finish, changes):
    finish(small_plan.cells[0])
    change(small_plan.cells[0], **changes)
    results = read_results(small_plan)
    assert results.runs.empty
    assert reasons(results)[small_plan.cells[0].run.path] == "another run"


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"name": "rafdb", "fingerprint": "another", "classes": []}},
        {"protocol": {"dataset": "RAF-DB", "split": "test", "selection": "reported split", "budget": "full"}},
        {"num_rows": 3067},
    ],
)
def test_a_seed_under_another_protocol_is_never_averaged_with_the_others(small_plan, finish, changes):
    for cell in small_plan.cells[:3]:
        finish(cell)
    change(small_plan.cells[1], **changes)
    results = read_results(small_plan)
    assert set(results.values("center", "accuracy")) == {0, 2}
    assert reasons(results)[small_plan.cells[1].run.path] == "another protocol"


def test_the_interval_of_one_seed_is_that_of_its_run_and_of_several_over_both(small_plan, finish):
    finish(small_plan.cells[0], 0.8)
    assert read_results(small_plan).interval("center", "accuracy") == pytest.approx((79, 81))
    finish(small_plan.cells[1], 0.6)
    low, high = read_results(small_plan).interval("center", "accuracy")
    assert low < 62
    assert high > 78
    assert read_results(small_plan).interval("DDA", "accuracy") is None


def test_an_interval_needs_predictions(small_plan, finish):
    for cell in small_plan.cells[:2]:
        finish(cell)
    (small_plan.cells[0].run.path / "predictions.parquet").unlink()
    with pytest.raises(RunError, match="is missing"):
        read_results(small_plan).interval("center", "accuracy")


def test_rows_that_share_a_training_share_its_numbers(small, request_for, finish):
    small["rows"][1]["overrides"] = small["rows"][0]["overrides"]
    shared = plan(study_from("small", small), request_for("rafdb"))
    finish(shared.cells[0], 0.7)
    results = read_results(shared)
    assert results.values("center", "accuracy") == results.values("DDA", "accuracy") == pytest.approx({0: 70})
