import numpy as np

from fercli.facts import packaged_facts
from fercli.figures.curves import panel_title, training_curves_figure

TITLES = {name: panel_title(facts.unit, facts.higher_is_better) for name, facts in packaged_facts().items()}


def test_losses_metrics_and_rate_have_a_panel_each():
    epochs = np.arange(3)
    history = {
        "epoch": epochs,
        "lr": epochs,
        "train/loss": epochs,
        "train/center": epochs,
        "val/accuracy": epochs,
        "seconds": epochs,
    }
    figure = training_curves_figure(history, TITLES)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["training loss", "validation", "learning rate"]
    assert [line.get_label() for line in figure.axes[0].lines] == ["loss", "center"]


def test_what_is_no_loss_is_not_drawn_among_the_losses():
    names = ("train/loss", "train/sparse_center", "train/mean_attention", "train/attention_entropy")
    losses, rest = training_curves_figure(dict.fromkeys(("epoch", *names), np.arange(3)), TITLES).axes
    assert [line.get_label() for line in losses.lines] == ["loss", "sparse_center"]
    assert [line.get_label() for line in rest.lines] == ["mean_attention", "attention_entropy"]


def test_points_and_coefficients_are_not_drawn_on_one_axis():
    names = ("val/pcc", "val/mae", "val/rmse", "val/ccc")
    coefficients, points = training_curves_figure(dict.fromkeys(("epoch", *names), np.arange(3)), TITLES).axes
    assert (coefficients.get_title(loc="left"), points.get_title(loc="left")) == ("validation", "validation, points")
    assert [line.get_label() for line in coefficients.lines] == ["pcc", "ccc"]
    assert [line.get_label() for line in points.lines] == ["mae", "rmse"]


def test_epochs_without_a_value_are_left_out_of_the_line():
    history = {"epoch": np.arange(4), "val/accuracy": np.array([0.1, np.nan, 0.3, 0.4])}
    (axes,) = training_curves_figure(history, TITLES).axes
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 2, 3])


def test_a_training_of_one_epoch_shows_a_point():
    (axes,) = training_curves_figure({"epoch": np.array([0]), "lr": np.array([0.1])}, TITLES).axes
    assert axes.lines[0].get_marker() == "o"
    assert [tick for tick in axes.get_xticks() if abs(tick) < 0.5] == [0]  # no halves of an epoch
