"""The graph of Emotion-GCN; the numbers follow from the correlations that its authors publish for AffectNet."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from fercli.errors import ConfigError, DataError
from fercli.ops.graph import (
    adjacency,
    affect_correlation,
    conditional_from_bins,
    conditional_from_counts,
    reweighted,
    spearman,
)

CLASSES = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger")
AFFECTNET = np.array(
    [
        [-0.3351, 0.8611, -0.4530, -0.0276, -0.1218, -0.1764, -0.3837],
        [-0.2841, 0.0145, -0.4337, 0.3382, 0.2356, 0.1437, 0.4138],
    ]
)
NEUTRAL, HAPPY, SAD, SURPRISE, FEAR, DISGUST, ANGER, VALENCE, AROUSAL = range(9)


def pairs(matrix):
    """Edges between classes and dimensions."""
    return {(i, j) for i, j in zip(*np.nonzero(matrix[:7, 7:]), strict=True)}


def rank_correlation(x, y):
    """From the definition: the average rank of ties, centered."""

    def ranks(values):
        return [sum(v < value for v in values) + (sum(v == value for v in values) + 1) / 2 for value in values]

    a, b = ranks(x), ranks(y)
    a, b = [v - sum(a) / len(a) for v in a], [v - sum(b) / len(b) for v in b]
    below = math.sqrt(sum(v * v for v in a) * sum(v * v for v in b))
    return sum(v * w for v, w in zip(a, b, strict=True)) / below if below else 0.0


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


INDICATOR, VALUES = column(1, 0, 0, 1, 0), column(0.9, 0.1, -0.2, 0.4, 0.1)


@pytest.mark.parametrize(("sign", "printed"), [(1, 0.9814798788), (-1, 0.7010570562)])
def test_spearman_is_not_what_is_printed_of_ranks_that_are_not_centered(sign, printed):
    x, y = (rankdata(column) for column in (INDICATOR, sign * VALUES))
    assert (x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()) == pytest.approx(printed, abs=1e-10)
    assert abs(spearman(INDICATOR, sign * VALUES).item() - printed) > 0.05


@pytest.mark.parametrize(("sign", "value"), [(1, 0.8885233166), (-1, -0.8885233166)])
def test_spearman(sign, value):
    assert spearman(INDICATOR, sign * VALUES).item() == pytest.approx(value, abs=1e-10)


@pytest.mark.parametrize("transform", [np.exp, lambda x: x**3 + 5, np.arctan])
def test_spearman_does_not_change_with_an_increasing_transform(transform):
    assert spearman(INDICATOR, transform(VALUES)).item() == pytest.approx(0.8885233166, abs=1e-10)


def test_spearman_of_classes_that_exclude_each_other():
    labels = np.repeat(np.arange(3), [5, 12, 23])
    found = spearman(*[labels[:, None] == np.arange(3)] * 2)
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        a, b = (np.mean(labels == k) for k in (i, j))
        assert found[i, j] == pytest.approx(-math.sqrt(a * b / ((1 - a) * (1 - b))), rel=1e-9)
    np.testing.assert_allclose(np.diag(found), 1, rtol=1e-9)


def test_a_column_of_one_value_correlates_with_nothing():
    assert spearman(column(1, 1, 1, 1, 1), VALUES).item() == 0


@given(n=st.integers(2, 12), levels=st.integers(1, 5), seed=st.integers(0, 999))
def test_spearman_agrees_with_its_definition(n, levels, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(levels, size=(n, 2)), rng.normal(size=(n, 3)).round(1)
    expected = [[rank_correlation(x[:, i], y[:, j]) for j in range(3)] for i in range(2)]
    np.testing.assert_allclose(spearman(x, y), expected, rtol=1e-9, atol=1e-12)


def test_correlation_of_affect_with_classes():
    rng = np.random.default_rng(0)
    expression = rng.integers(-1, 4, size=200)
    affect = rng.uniform(-1, 1, size=(200, 2)) * 0.5 + 0.2 * (expression[:, None] == 2)
    affect[:7, 1] = np.nan
    known = (expression >= 0) & ~np.isnan(affect).any(1)
    found = affect_correlation(expression, affect, num_classes=5)
    assert found.shape == (2, 5)
    for d in range(2):
        for k in range(4):
            expected = spearmanr(affect[known, d], expression[known] == k).statistic
            assert found[d, k] == pytest.approx(expected, rel=1e-9)
    assert not found[:, 4].any()


def test_no_row_with_both_labels():
    with pytest.raises(DataError, match=r"both an expression and valence and arousal, found none"):
        affect_correlation(np.array([-1, 2]), np.array([[0.1, 0.2], [np.nan, 0.3]]), 7)


@pytest.mark.parametrize(("tau", "count"), [(0, 14), (0.05, 12), (0.1, 12), (0.15, 10)])
def test_number_of_edges(tau, count):
    assert len(pairs(adjacency(AFFECTNET, tau))) == count


@pytest.mark.parametrize("tau", [0, 0.1])
def test_classes_do_not_hear_each_other_nor_valence_arousal(tau):
    found = adjacency(AFFECTNET, tau)
    np.testing.assert_allclose(found[:7, :7], 0.3 * np.eye(7), rtol=1e-12)
    np.testing.assert_allclose(found[7:, 7:], 0.3 * np.eye(2), rtol=1e-12)


def test_edges():
    every = {(k, d) for k in range(7) for d in range(2)}
    at_default = every - {(HAPPY, 1), (SURPRISE, 0)}
    assert pairs(adjacency(AFFECTNET)) == at_default
    assert at_default - pairs(adjacency(AFFECTNET, 0.15)) == {(FEAR, 0), (DISGUST, 1)}


def test_weights():
    found = adjacency(AFFECTNET)
    expected = np.diag([0.3] * 9)
    for k in (NEUTRAL, SAD, FEAR, DISGUST, ANGER):
        expected[k, [VALENCE, AROUSAL]] = 0.35
        expected[[VALENCE, AROUSAL], k] = 0.7 / 6
    for k, d in ((HAPPY, VALENCE), (SURPRISE, AROUSAL)):
        expected[k, d], expected[d, k] = 0.7, 0.7 / 6
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-12)
    columns = [0.5333333333 if k not in (HAPPY, SURPRISE) else 0.4166666667 for k in range(7)] + [2.75, 2.75]
    np.testing.assert_allclose(found.sum(0), columns, atol=1e-10)
    degrees = np.diag([2, 1, 2, 1, 2, 2, 2, 6, 6])
    np.testing.assert_allclose(degrees @ found, (degrees @ found).T, rtol=1e-12)


def test_spectrum():
    """In closed form: of the products of both normalized halves, the eigenvalues are 1 and (3.5 - 2.5) / 6."""
    found = np.sort(np.linalg.eigvals(adjacency(AFFECTNET)).real)
    second = 0.7 / math.sqrt(6)
    np.testing.assert_allclose(found, [-0.4, 0.3 - second, *[0.3] * 5, 0.3 + second, 1], rtol=1e-9)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.7, 0.8])
def test_two_eigenvectors_of_a_connected_bipartite_graph(p):
    found = adjacency(AFFECTNET, p=p)
    sides = np.array([1] * 7 + [-1] * 2)
    np.testing.assert_allclose(found @ np.ones(9), 1, rtol=1e-12)
    np.testing.assert_allclose(found @ sides, (1 - 2 * p) * sides, atol=1e-12)
    left = np.array([2, 1, 2, 1, 2, 2, 2, -6, -6])
    np.testing.assert_allclose(left @ found, (1 - 2 * p) * left, atol=1e-12)


@pytest.mark.parametrize(("p", "value", "digits"), [(0.2, 0.1245184, 5e-8), (0.7, -8.1e-6, 5e-8), (0.8, 1.28e-5, 5e-8)])
def test_determinant(p, value, digits):
    assert np.linalg.det(adjacency(AFFECTNET, p=p)) == pytest.approx(value, abs=digits)


def test_even_shares_lose_one_direction():
    assert np.linalg.matrix_rank(adjacency(AFFECTNET, p=0.5)) == 8


def test_no_share_for_the_neighbors_is_the_identity():
    np.testing.assert_array_equal(adjacency(AFFECTNET, p=0), np.eye(9))


def test_signs_do_not_matter():
    np.testing.assert_array_equal(adjacency(-AFFECTNET), adjacency(AFFECTNET))


def test_reach():
    power = [np.linalg.matrix_power(adjacency(AFFECTNET), n) for n in range(5)]
    assert power[2][HAPPY, SURPRISE] == power[2][VALENCE, SURPRISE] == 0
    assert power[3][VALENCE, SURPRISE] == pytest.approx(0.0238194444, abs=1e-10)
    assert power[4][HAPPY, SURPRISE] == pytest.approx(0.0166736111, abs=1e-10)
    assert power[2][HAPPY, NEUTRAL] == pytest.approx(0.0816666667, abs=1e-10)


def test_the_literal_threshold_joins_everything_at_zero_only():
    np.testing.assert_array_equal(adjacency(AFFECTNET, 0.1, normalization="literal"), adjacency(AFFECTNET, 0.1))
    everything = np.full((9, 9), 0.7 / 8) + np.eye(9) * (0.3 - 0.7 / 8)
    np.testing.assert_allclose(adjacency(AFFECTNET, 0, normalization="literal"), everything, rtol=1e-12)


@pytest.mark.parametrize("tau", [0, 0.1])
def test_the_released_code_transposes(tau):
    found, literal = (adjacency(AFFECTNET, tau, normalization=name) for name in ("transpose", "literal"))
    np.testing.assert_array_equal(found, literal.T)
    np.testing.assert_allclose(found.sum(0), 1, rtol=1e-12)
    assert (np.allclose(found, literal)) == (tau == 0)


def test_a_node_without_neighbors_hears_itself_alone():
    correlation = AFFECTNET.copy()
    correlation[:, FEAR] = 0
    found = adjacency(correlation)
    assert found[FEAR].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-12)


def test_reweighting_does_not_read_the_diagonal():
    edges = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    expected = [[0.3, 0, 0.7], [0, 0.3, 0.7], [0.35, 0.35, 0.3]]
    np.testing.assert_allclose(reweighted(edges, 0.7), expected, rtol=1e-12)
    np.testing.assert_allclose(reweighted(edges + np.eye(3), 0.7), expected, rtol=1e-12)


def test_edges_between_expressions():
    conditional = np.zeros((7, 7))
    conditional[HAPPY, SURPRISE], conditional[SURPRISE, HAPPY], conditional[SAD, SAD] = 0.25, 0.05, 0.9
    found, bipartite = adjacency(AFFECTNET, conditional=conditional), adjacency(AFFECTNET)
    assert found[HAPPY, [HAPPY, SURPRISE, VALENCE]].tolist() == pytest.approx([0.3, 0.35, 0.35])
    others = [k for k in range(9) if k != HAPPY]
    np.testing.assert_array_equal(found[others], bipartite[others])


def test_conditional_from_counts():
    counts = np.array([[20, 5, 0], [5, 10, 1], [0, 1, 0]])
    counts[2] = 0
    np.testing.assert_allclose(conditional_from_counts(counts), [[1, 0.25, 0], [0.5, 1, 0.1], [0, 0, 0]])


def test_conditional_from_bins():
    rng = np.random.default_rng(3)
    expression, affect, num_bins = rng.integers(-1, 3, size=60), rng.uniform(-1, 1, size=(60, 2)), 3
    affect[:4] = np.nan
    known = [i for i in range(60) if expression[i] >= 0 and not np.isnan(affect[i]).any()]
    edges = np.linspace(-1, 1, num_bins + 1)
    place = {i: tuple(int(np.searchsorted(edges, value)) for value in affect[i]) for i in known}
    expected = np.zeros((4, 4))
    for i in range(3):
        mine = [r for r in known if expression[r] == i]
        for b in set(place.values()):
            inside = [r for r in known if place[r] == b]
            share = sum(place[r] == b for r in mine) / len(mine)
            for j in range(3):
                expected[i, j] += share * sum(expression[r] == j for r in inside) / len(inside)
    found = conditional_from_bins(expression, affect, 4, num_bins)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.sum(1), [1, 1, 1, 0], rtol=1e-9)


def test_one_bin_gives_the_shares_of_the_classes():
    expression, affect = np.repeat([0, 1], [3, 1]), np.zeros((4, 2))
    np.testing.assert_allclose(conditional_from_bins(expression, affect, 2, 1), [[0.75, 0.25]] * 2, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau": -0.1}, r"expected head.tau in \[0, 1\], found -0.1"),
        ({"p": 1.5}, r"expected head.p in \[0, 1\], found 1.5"),
        ({"normalization": "row"}, r"no head.normalization named 'row'.*did you mean 'rows'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        adjacency(AFFECTNET, **options)
