import numpy as np
import pytest

from fercli.datasets.synthetic.actions import PROTOTYPES, SIGNED, UNSIGNED, make_actions
from fercli.taxonomy import EXPRESSIONS


def drawn(expression, intensity, count=200):
    rng = np.random.default_rng(0)
    return [make_actions(expression, intensity, rng) for _ in range(count)]


def mean(actions, name):
    return np.mean([getattr(one, name) for one in actions])


def test_every_expression_has_a_prototype():
    assert tuple(PROTOTYPES) == EXPRESSIONS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_stay_in_range_and_vary(expression):
    values = np.array([[getattr(one, name) for name in UNSIGNED + SIGNED] for one in drawn(expression, 1.0)])
    assert values[:, : len(UNSIGNED)].min() >= 0
    assert np.abs(values).max() <= 1
    assert (values.std(0) > 0.01).all()


@pytest.mark.parametrize(
    ("expression", "action"),
    [
        ("happiness", "corner_pull"),
        ("sadness", "inner_brow_raise"),
        ("disgust", "nose_wrinkle"),
        ("anger", "brow_lower"),
    ],
)
def test_intensity_scales_the_expression(expression, action):
    weak, strong = (mean(drawn(expression, intensity), action) for intensity in (0.3, 1.0))
    assert strong > 2 * weak
    assert weak > mean(drawn("neutral", 1.0), action)


def test_contempt_is_one_sided():
    sides = np.array([one.asymmetry for one in drawn("contempt", 1.0)])
    assert np.abs(sides).min() >= 0.75
    assert 0.3 < (sides > 0).mean() < 0.7
