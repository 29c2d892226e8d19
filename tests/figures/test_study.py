from dataclasses import replace

import pandas as pd
import pytest
import torch

from fercli.engine.weights import write_checkpoint
from fercli.figures.study import confusion_figures, figures_of_study
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.stores import reseal


@pytest.fixture
def results(small_plan, finish):
    """One seed of each row, DDA with centers and the better predictions."""
    for cell, predicted in ((small_plan.cells[0], ("fear", "fear")), (small_plan.cells[3], ("fear", "anger"))):
        finish(cell, predicted=predicted)
        history = {"epoch": [0, 1], "train/cross_entropy": [2.0, 1.0], "val/accuracy": [0.2, 0.5]}
        pd.DataFrame(history).to_csv(cell.run.path / "history.csv", index=False)
    return read_results(small_plan)


def add_features(run):
    path = run.path / "predictions.parquet"
    frame = pd.read_parquet(path)
    frame[["feature_0", "feature_1"]] = [[0.0, 1.0], [2.0, 3.0]]
    frame.to_parquet(path)
    reseal(path.parent)


def shown_in(figure):
    return {text.get_text() for text in figure.axes[0].texts}


def test_a_confusion_matrix_for_each_row_counts_its_predictions(results):
    (_, center, figure, _), (_, dda, *_) = confusion_figures(results)
    assert center.startswith("Confusion matrix: center (a single seed).")
    assert dda.startswith("Confusion matrix: DDA (a single seed).")
    assert shown_in(figure) == {"100%", "0%", "1", "0"}


def test_a_confusion_matrix_counts_all_seeds(results, finish):
    finish(results.plan.cells[1], predicted=("anger", "fear"))
    _, caption, figure, _ = next(confusion_figures(read_results(results.plan)))
    assert caption.startswith("Confusion matrix: center (2 seeds together).")
    assert shown_in(figure) == {"50%", "100%", "0%", "1", "2", "0"}


def marked_in(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels() if "†" in label.get_text()]


def test_classes_that_are_rare_in_training_are_marked(small, request_for, finish):
    """The evaluated samples are as many of either."""
    planned = plan(study_from("small", small | {"base": ["trainer.max_epochs=1"]}), request_for("rafdb"))
    planned = replace(planned, counts={"rafdb": {"fear": 20, "anger": 100}})
    finish(planned.cells[0], predicted=("fear", "fear"))
    ((_, caption, figure, _),) = confusion_figures(read_results(planned))
    assert marked_in(figure) == ["fear †"]
    assert caption.endswith("A dagger marks rare classes.")


def test_classes_that_a_metric_names_as_rare_are_marked(small, request_for, finish):
    """As the source does for RAF-DB, where anger counts too (Farzaneh 2020, figures 3.12 and 4.5)."""
    small["base"].append("metrics.minority_recall.function.names=[anger]")
    planned = plan(study_from("small", small), request_for("rafdb"))
    finish(planned.cells[0], predicted=("fear", "fear"))
    ((_, _, figure, _),) = confusion_figures(read_results(planned))
    assert marked_in(figure) == ["anger †"]


def test_the_curves_show_one_line_a_row(results):
    _, caption, figure, _ = next(figures_of_study(results))
    assert caption == "Cross entropy in training and accuracy in validation; the first seed of each row."
    training, validation = figure.axes[:2]
    assert [line.get_label() for line in training.lines] == ["center", "DDA"]
    assert training.lines[0].get_ydata().tolist() == [2.0, 1.0]
    assert validation.lines[1].get_ydata().tolist() == [0.2, 0.5]


def test_the_training_curves_are_those_of_a_loss_that_all_rows_have(results):
    first = results.plan.cells[0].run.path / "history.csv"
    pd.DataFrame({"epoch": [0, 1], "train/center": [2.0, 1.0], "val/accuracy": [0.2, 0.5]}).to_csv(first, index=False)
    _, caption, figure, _ = next(figures_of_study(results))
    assert caption == "Accuracy in validation; the first seed of each row."
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["validation"]


def test_features_of_two_numbers_are_drawn_on_the_same_axes_with_centers(results):
    center, dda = results.plan.cells[0].run, results.plan.cells[3].run
    for run in (center, dda):
        add_features(run)
    write_checkpoint({"state_dict": {"objective.centers.centers": torch.zeros(2, 2)}}, dda.weights)
    _, caption, figure, _ = next(figures_of_study(results))
    assert "same axes" in caption
    assert [axes.get_title(loc="left") for axes in figure.axes[:2]] == [
        "center",
        "DDA",
    ]  # one sample of each class: no spread, so no number
    assert [len(axes.collections) for axes in figure.axes[:2]] == [1, 2]
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_the_progress_reaches_its_end(results):
    told = []
    list(figures_of_study(results, lambda done, total: told.append((done, total))))
    number = len(told)
    assert told == [(done, number - 1) for done in range(number)]
    assert number > 5


def test_without_runs_there_are_no_figures(small_plan):
    results = read_results(small_plan)
    assert [*figures_of_study(results), *confusion_figures(results)] == []


def test_a_sweep_is_a_curve_with_the_other_rows_as_levels(small, request_for, finish):
    small["rows"][1]["x"] = 3
    small["rows"].append({"label": "DDA, more", "x": 5, "overrides": ["method=dda", "loss.dda.weight=5.5"]})
    small["x_label"] = "gamma"
    found = plan(study_from("small", small), request_for("rafdb"))
    for cell, accuracy in zip(found.cells, (0.6, 0.6, 0.6, 0.7, 0.8, 0.9, 0.5, 0.5, 0.5), strict=True):
        finish(cell, accuracy=accuracy)
    _, caption, figure, _ = next(figures_of_study(read_results(found)))
    assert caption == "accuracy against gamma: mean and standard deviation over seeds."
    (axes,) = figure.axes
    curve = next(line for line in axes.lines if line.get_label() == "measured")
    assert curve.get_xdata().tolist() == [3, 5]
    assert curve.get_ydata() == pytest.approx([80, 50])
    level = next(line for line in axes.lines if line.get_label() == "center")
    assert level.get_ydata() == pytest.approx([60, 60])
    assert axes.get_xlabel() == "gamma"
