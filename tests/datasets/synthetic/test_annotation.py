import numpy as np
import pytest

from fercli.datasets.synthetic.annotation import CONFUSED_WITH, affect, vote_probabilities, votes
from fercli.taxonomy import EXPRESSIONS


def entropy(chance):
    return -(chance * np.log(chance)).sum()


def test_shares_of_confusion_sum_to_one():
    assert set(CONFUSED_WITH) == set(EXPRESSIONS)
    for name, shares in CONFUSED_WITH.items():
        assert name not in shares
        assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("classes", [EXPRESSIONS, EXPRESSIONS[:7]])
def test_probabilities_favor_the_class_and_soften(classes):
    for expression in classes:
        strong, weak = (vote_probabilities(expression, intensity, classes) for intensity in (1.0, 0.35))
        for chance in (strong, weak):
            assert chance.shape == (len(classes),)
            assert chance.sum() == pytest.approx(1)
            assert classes[np.argmax(chance)] == expression
        if expression != "neutral":
            assert entropy(weak) > entropy(strong)


def test_probabilities_by_hand():
    # A doubt of 0.2, of which surprise has 0.6, sadness 0.25, neutral 0.15; then 0.02 / 8 to each class; sum 1.02.
    expected = np.full(8, 0.0025)
    expected[[4, 3, 2, 0]] += (0.8, 0.12, 0.05, 0.03)
    np.testing.assert_allclose(vote_probabilities("fear", 1.0, EXPRESSIONS), expected / 1.02, rtol=1e-12)


def test_ten_annotators_vote():
    rng = np.random.default_rng(0)
    drawn = np.array([votes("disgust", 0.5, EXPRESSIONS, rng) for _ in range(400)])
    assert (drawn.sum(1) == 10).all()
    expected = vote_probabilities("disgust", 0.5, EXPRESSIONS)
    np.testing.assert_allclose(drawn.mean(0) / 10, expected, atol=0.03)


def test_affect_lies_on_the_circumplex():
    rng = np.random.default_rng(0)
    happy, sad, weak = (
        np.array([affect(expression, intensity, rng) for _ in range(300)])
        for expression, intensity in (("happiness", 1.0), ("sadness", 1.0), ("sadness", 0.4))
    )
    assert np.abs(np.concatenate([happy, sad])).max() <= 1
    np.testing.assert_allclose(happy.mean(0), (0.8, 0.35), atol=0.02)
    np.testing.assert_allclose(sad.mean(0), (-0.75, -0.4), atol=0.02)
    np.testing.assert_allclose(weak.mean(0), (-0.3, -0.16), atol=0.02)
