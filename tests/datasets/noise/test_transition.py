import numpy as np
import pytest

from fercli.datasets.noise.transition import changed, pair, scaled, symmetric
from fercli.errors import ConfigError

CLASSES = ("a", "b", "c", "d")
PRESENT = np.array([True, True, False, True])


def test_symmetric_noise_is_as_its_formula_says_and_leaves_out_absent_classes():
    matrix = symmetric(PRESENT, 0.3)
    for a in range(4):
        for b in range(4):
            among = 0.7 if a == b else 0.3 / 2
            expected = among if PRESENT[a] and PRESENT[b] else float(a == b)
            assert matrix[a, b] == pytest.approx(expected, rel=1e-12)


def test_pairs_are_the_next_class_that_is_present_or_the_named_one():
    assert np.argwhere(pair(PRESENT, 0.2, CLASSES) == 0.2).tolist() == [[0, 1], [1, 3], [3, 0]]
    assert np.argwhere(pair(PRESENT, 0.2, CLASSES, {"d": "b"}) == 0.2).tolist() == [[3, 1]]


def test_a_confusion_matrix_is_scaled_to_the_rate_of_all_labels():
    matrix = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]])
    shares = np.array([0.5, 0.3, 0.2])
    found = scaled(matrix, shares, 0.07)
    assert found.sum(axis=1) == pytest.approx(np.ones(3))
    assert shares @ (1 - np.diagonal(found)) == pytest.approx(0.07)
    assert found[1, 0] / found[1, 2] == pytest.approx(2.0)


def test_labels_change_with_the_probabilities_of_the_matrix():
    rng = np.random.default_rng(0)
    matrix = rng.dirichlet(np.ones(4), size=4)
    labels = np.repeat(np.arange(4), 50_000)
    noisy = changed(labels, rng.random(len(labels)), matrix)
    for a in range(4):
        shares = np.bincount(noisy[labels == a], minlength=4) / 50_000
        assert shares == pytest.approx(matrix[a], abs=4 * np.sqrt(0.25 / 50_000))


def test_a_higher_rate_changes_all_that_a_lower_one_changes():
    labels, draws = np.arange(1000) % 4, np.random.default_rng(1).random(1000)
    everywhere = np.ones(4, bool)
    low, high = (changed(labels, draws, symmetric(everywhere, rate)) != labels for rate in (0.1, 0.3))
    assert low.any()
    assert (high[low]).all()
    assert high.sum() > low.sum()


def test_unknown_labels_stay_and_a_draw_just_below_one_finds_a_class():
    labels = np.array([-1, 0, 1])
    noisy = changed(labels, np.full(3, np.nextafter(1, 0)), symmetric(np.ones(3, bool), 0.1))
    assert noisy.tolist() == [-1, 2, 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: symmetric(PRESENT, 1), "below 1; found 1"),
        (lambda: symmetric(PRESENT, -0.1), "found -0.1"),
        (lambda: symmetric(PRESENT, None), "found None"),
        (lambda: symmetric(np.array([True, False]), 0.1), "at least two classes"),
        (lambda: pair(PRESENT, 0.1, CLASSES, {"a": "bb"}), "no class of noise.to named 'bb'"),
        (lambda: pair(PRESENT, 0.1, CLASSES, {"a": "a"}), "found itself"),
        (lambda: pair(PRESENT, 0.1, CLASSES, {"a": "c"}), "without training rows"),
        (lambda: scaled(np.eye(2), np.full(2, 0.5), 0.1), "found none outside of its diagonal"),
        (lambda: scaled(np.array([[0.5, 0.5], [0, 1]]), np.full(2, 0.5), 0.6), "at most 0.500"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ConfigError, match=words):
        call()
