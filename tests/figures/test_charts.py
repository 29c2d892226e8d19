import math

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba

from fercli.figures.charts import chart_figure
from fercli.figures.figure import EXPRESSION_COLORS, figure_bytes
from fercli.losses.classification import FocalLoss, WeightedCrossEntropy
from fercli.losses.density import OTHER, OWN, DensityLoss, density_field
from fercli.losses.va_center import VACenter


def cosines(point):
    """(7, 7) of a sample and the six that stay."""
    angles = np.deg2rad([*OWN, *OTHER])
    features = np.vstack([point, np.stack([np.cos(angles), np.sin(angles)], 1)])
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features @ features.T


def loss(cosine, weight_cosine, boundary=0.75):
    """Equations 3.5 to 3.7, with weights from cosines of their own: no gradient flows through them."""
    label = np.array([0] * 4 + [1] * 3)
    total = 0.0
    for i in range(7):
        for same in (True, False):
            others = [j for j in range(7) if j != i and (label[i] == label[j]) == same]
            mean = np.mean(weight_cosine[i, others])
            for j in others:
                outside, violation = mean - weight_cosine[i, j], boundary - cosine[i, j]
                if not same:
                    outside, violation = -outside, cosine[i, j] - (1 - boundary)
                total += (math.exp(max(outside, 0)) * max(violation, 0)) ** 2
    return math.sqrt(total) / 7


@pytest.mark.parametrize("which", [0, 9, 20, 41])
def test_arrows_are_minus_the_gradient_times_the_length(which):
    points, arrows = (values.numpy() for values in density_field(DensityLoss()))
    point, step = points[which], 1e-6
    expected = []
    for axis in np.eye(2):
        ends = [loss(cosines(point + sign * step * axis), cosines(point)) for sign in (1, -1)]
        expected.append(-(ends[0] - ends[1]) / (2 * step) * np.linalg.norm(point))
    np.testing.assert_allclose(arrows[which], expected, rtol=1e-5, atol=1e-8)


def test_a_sample_is_moved_towards_its_class_and_never_along_its_own_direction():
    points, arrows = (values.numpy() for values in density_field(DensityLoss()))
    np.testing.assert_allclose((points * arrows).sum(1), 0, atol=1e-12)
    between = 8  # at 160 degrees, with the other class beyond
    clockwise = np.array([points[between, 1], -points[between, 0]])
    assert arrows[between] @ clockwise > 0


def test_the_figure_names_what_it_is_of():
    figure = chart_figure(DensityLoss(boundary=0.9, order=3).charts(())[0])
    (axes,) = figure.axes
    assert axes.get_title("left") == "Density loss, boundary 0.9, order 3"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["its class", "another class"]
    assert figure_bytes(figure, "svg")


def curves(figure):
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].lines}


def test_focal_loss_has_a_curve_for_each_gamma_and_its_own():
    (chart,) = FocalLoss(gamma=3).charts(())
    found = curves(chart_figure(chart))
    assert list(found)[::4] == ["gamma 0 (cross-entropy)", "gamma 3, used here"]
    for gamma, points in zip((0, 0.5, 1, 2, 3, 5), found.values(), strict=True):
        np.testing.assert_allclose(points[:, 1], [-((1 - p) ** gamma) * math.log(p) for p in points[:, 0]], rtol=1e-9)


def test_class_weights_are_bars_in_the_colors_of_the_classes():
    loss = WeightedCrossEntropy(3)
    loss.weight = torch.tensor([0.0507920, 0.5962684, 1.0], dtype=torch.float64)
    (chart,) = loss.charts(["neutral", "fear", "disgust"])
    axes = chart_figure(chart).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.0507920, 0.5962684, 1.0]
    assert [text.get_text() for text in axes.texts] == ["0.0508", "0.596", "1"]
    assert axes.patches[1].get_facecolor() == to_rgba(EXPRESSION_COLORS["fear"])


def test_distance_weights_fall_from_the_typical_sample_to_the_farthest():
    (chart,) = VACenter().charts(())
    found = curves(chart_figure(chart))
    both, one = found["valence and arousal"], found["one of the two"]
    np.testing.assert_allclose(both[[0, -1]], [[0, 2], [2 * 2**0.5, 0]], atol=1e-12)
    np.testing.assert_allclose(one[[0, -1]], [[0, 1], [2, 0]], atol=1e-12)
    assert np.interp(1, *both.T) == pytest.approx(0.8357864376, abs=1e-4)


@pytest.mark.parametrize("loss", [FocalLoss(), VACenter(), DensityLoss()], ids=lambda loss: type(loss).__name__)
def test_a_figure_is_always_the_same(loss):
    first, again = (figure_bytes(chart_figure(loss.charts(())[0]), "svg") for _ in range(2))
    assert first == again
