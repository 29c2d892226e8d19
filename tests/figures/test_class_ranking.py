from types import SimpleNamespace

import numpy as np
import pytest

from fercli.figures.class_ranking import class_ranking_figure, of_run
from fercli.metrics.affectnet import mean_auc, mean_auc_pr

RNG = np.random.default_rng(0)
CLASSES = ["neutral", "happiness", "fear", "never seen"]
LABELS = RNG.integers(3, size=60)
PROBABILITIES = RNG.dirichlet(np.ones(4), size=60) * 0.7
PROBABILITIES[np.arange(60), LABELS] += 0.3


def drawn(columns, classes=CLASSES):
    evaluated = SimpleNamespace(evaluation=SimpleNamespace(columns=columns, classes=classes))
    return list(of_run(evaluated))


def labels_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_areas_below_the_curves_are_those_in_the_legend_and_their_means_are_the_metrics():
    figure = class_ranking_figure(LABELS, PROBABILITIES, CLASSES)
    left, right = figure.axes
    in_words = []
    for name, roc, recalled in zip(CLASSES, left.lines[1:], right.lines, strict=False):
        (false_rate, rate), (recall, precision) = roc.get_data(), recalled.get_data()
        areas = np.trapezoid(rate, false_rate), np.sum(np.diff(recall) * precision[1:])
        in_words.append(f"{name}  {areas[0]:.3f} / {areas[1]:.3f}")
    assert labels_of(figure) == in_words
    assert len(in_words) == 3  # a class without an image has no curve
    assert left.get_title(loc="left") == f"ROC, mean area {mean_auc(LABELS, PROBABILITIES):.3f}"
    assert right.get_title(loc="left").endswith(f"mean area {mean_auc_pr(LABELS, PROBABILITIES):.3f}")


def test_precision_is_drawn_in_the_steps_whose_area_is_counted():
    figure = class_ranking_figure(LABELS, PROBABILITIES, CLASSES)
    assert {line.get_drawstyle() for line in figure.axes[1].lines} == {"steps-pre"}


def test_runs_that_predict_classes_get_it_unless_all_images_are_of_one():
    columns = {"expression": LABELS, "probabilities": PROBABILITIES}
    ((name, caption, _, _),) = drawn(columns)
    assert (name, "largest classes" in caption) == ("class_ranking", False)
    assert drawn({"expression": LABELS}) == []
    assert drawn(columns | {"expression": np.zeros_like(LABELS)}) == []


@pytest.mark.parametrize("num_classes", [12, 200])
def test_of_many_classes_the_largest_are_drawn_and_the_caption_says_so(num_classes):
    labels = np.concatenate([np.arange(num_classes), np.repeat(np.arange(10), 3)])
    probabilities = RNG.dirichlet(np.ones(num_classes), size=len(labels))
    names = [f"class {i}" for i in range(num_classes)]
    ((_, caption, figure, _),) = drawn({"expression": labels, "probabilities": probabilities}, names)
    assert "the 10 largest classes" in caption
    assert [label.split("  ")[0] for label in labels_of(figure)] == names[:10]
