import numpy as np
import pytest

from fercli.figures.calibration import reliability_figure
from fercli.metrics.classification import ece


def test_reliability_says_the_same_error_as_the_metric():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(4), size=500)
    labels = generator.integers(4, size=500)
    figure = reliability_figure(probabilities.max(1), probabilities.argmax(1) == labels)
    assert figure.axes[0].texts[0].get_text() == f"ECE {100 * ece(labels, probabilities):.1f}%"


def test_reliability_bars_are_the_accuracy_of_their_bin():
    figure = reliability_figure(np.array([0.55, 0.55, 0.95, 0.95]), np.array([True, False, True, True]), num_bins=10)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [0.5, 1.0]
    assert sum(bar.get_height() for bar in figure.axes[1].patches) == 4
    assert figure.axes[0].patches[0].get_x() == pytest.approx(0.505)
