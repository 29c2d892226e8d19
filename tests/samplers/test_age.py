import numpy as np
import pytest

from fercli.errors import ConfigError, DataError
from fercli.samplers.age import AgeSampler

AGES = np.repeat([25.0, 35.0, 45.0], [10, 30, 60])  # groups of the sizes of the acceptance check
GROUPS = np.repeat([0, 1, 2], [10, 30, 60])


def shares(row_weights):
    return np.bincount(GROUPS, row_weights) / row_weights.sum()


def test_every_group_is_equally_likely(labels):
    weights = AgeSampler().row_weights(labels(age=AGES))
    np.testing.assert_allclose(weights[[0, 10, 40]], [1, 1 / 3, 1 / 6], rtol=1e-12)
    np.testing.assert_allclose(shares(weights), np.full(3, 1 / 3), rtol=1e-9)


def test_hard_groups_are_drawn_more_often(labels):
    sampler = AgeSampler(edges=(20, 30, 40), accuracy=(0.6, 0.64, 0.7))
    np.testing.assert_allclose(
        shares(sampler.row_weights(labels(age=AGES))), [0.1219512, 0.3292683, 0.5487805], atol=5e-8
    )


def test_drawn_shares_are_the_expected_ones(labels):
    ages = np.repeat(AGES, 1000)
    drawn = AgeSampler()(labels(age=ages), 0, 0)
    assert len(drawn) == len(ages)
    assert [np.mean(ages[drawn] == age) for age in (25, 35, 45)] == pytest.approx([1 / 3] * 3, abs=0.005)


def test_groups_begin_at_their_edges(labels):
    ages = [0, 12.9, 13, 19, 20, 29.5, 30, 40, 50, 59, 60, 97, np.nan]
    assert AgeSampler().groups(labels(age=ages)).tolist() == [0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 6, -1]


def test_rows_without_an_age_or_below_the_first_group_are_never_drawn(labels):
    known = labels(age=[np.nan, 5.0, 25.0, 35.0, np.nan])
    assert set(AgeSampler(edges=(20, 30))(known, 0, 0)) <= {2, 3}
    assert len(AgeSampler(edges=(20, 30))(known, 0, 0)) == 2
    assert len(AgeSampler()(known, 0, 0)) == 3


def test_a_group_without_errors_is_never_drawn(labels):
    assert set(AgeSampler((20, 30, 40), (1.0, 0.5, 1.0))(labels(age=AGES), 0, 0)) <= set(range(10, 40))


@pytest.mark.parametrize("sampler", [AgeSampler(), AgeSampler((0, 10), (0.5, 1.0))])
def test_without_any_row_to_draw_there_is_one_clear_message(labels, sampler):
    with pytest.raises(DataError, match="no training row has an age in a group of positive weight"):
        sampler(labels(age=[np.nan, np.nan] if sampler.difficulty is None else [30.0, np.nan]), 0, 0)


@pytest.mark.parametrize(
    ("edges", "accuracy", "message"),
    [
        ((0, 20, 20), None, "edges that ascend"),
        ((), None, "edges that ascend"),
        ((0, 20), (0.5,), "accuracy with 2 numbers"),
        ((0, 20), (0.5, 62.0), r"numbers in \[0, 1\]"),
        ((0, 20), (0.5, float("nan")), r"numbers in \[0, 1\]"),
    ],
)
def test_options_are_checked(edges, accuracy, message):
    with pytest.raises(ConfigError, match=message):
        AgeSampler(edges, accuracy)
