import math

import numpy as np
import pytest

from fercli.losses.density import DensityLoss
from fercli.reports.figure import figure_bytes
from fercli.reports.loss_field import OTHER, OWN, density_field, density_field_plot


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


def test_the_picture_names_what_it_is_of():
    figure = density_field_plot(DensityLoss(boundary=0.9, order=3))
    (axes,) = figure.axes
    assert axes.get_title("left") == "Density loss, boundary 0.9, order 3"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["its class", "another class"]
    assert figure_bytes(figure, "svg")
