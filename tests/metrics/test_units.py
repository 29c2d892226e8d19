import math

import numpy as np
import pytest
from scipy import stats

from fercli.metrics.units import Units, units_of


def column(*names):
    return np.array(names, dtype=object)


ROWS = {
    "subject": column("ann", "bob", "ann", None, None, None),
    "video": column("v1", "v2", "v3", "v4", "v4", None),
}


def test_a_row_is_of_its_subject_else_of_its_video_else_alone():
    found = units_of(ROWS, np.arange(6))
    assert found.number.tolist() == [0, 1, 0, 2, 2, 3]
    assert found.counts == {"subject": 2, "video": 1, "row": 1}
    assert len(found) == 4


def test_units_are_numbered_in_the_order_of_the_chosen_rows():
    found = units_of(ROWS, np.array([5, 1, 0, 2]))
    assert (found.number.tolist(), found.counts) == ([0, 1, 2, 2], {"subject": 2, "row": 1})


@pytest.mark.parametrize(
    ("columns", "number", "counts"),
    [
        ({}, [0, 1, 2], {"row": 3}),
        ({"subject": column(None, None, None)}, [0, 1, 2], {"row": 3}),
        ({"video": column("a", "b", "a")}, [0, 1, 0], {"video": 2}),
        ({"video": column("a", "b", "a"), "session": np.array([7, 8, 7])}, [0, 1, 0], {"video": 2}),
        ({"video": column("a", "b", "c"), "session": np.array([7, 7, 9])}, [0, 0, 1], {"sitting": 2}),
        ({"session": np.array([7, 7, -1])}, [0, 0, 1], {"sitting": 1, "row": 1}),
        (
            {"subject": column("p", "p", "p"), "video": column("a", "b", "c"), "session": np.array([1, 2, 2])},
            [0, 0, 0],
            {"subject": 1},
        ),
    ],
)
def test_what_a_table_names_decides(columns, number, counts):
    found = units_of(columns, np.arange(3))
    assert (found.number.tolist(), found.counts) == (number, counts)


def test_names_of_a_subject_and_of_a_video_are_two_things():
    found = units_of({"subject": column("1", None), "video": column("1", "1")}, np.arange(2))
    assert (found.number.tolist(), found.counts) == ([0, 1], {"subject": 1, "video": 1})


def test_samples_of_drawn_units_are_all_of_them_as_often_as_drawn():
    units = Units(np.array([0, 1, 0, 2, 1, 0]), {"subject": 3})
    drawn = np.array([1, 0, 1])
    expected = [row for unit in drawn for row in range(6) if units.number[row] == unit]
    assert units.samples_of(drawn).tolist() == expected == [1, 4, 0, 2, 5, 1, 4]
    assert Units.alone(5).samples_of(np.array([3, 3, 0, 1, 4])).tolist() == [3, 3, 0, 1, 4]


def test_units_of_unequal_size_count_as_fewer():
    units = Units(np.repeat([0, 1, 2], [1, 2, 3]), {"subject": 3})
    assert units.effective == pytest.approx(36 / 14, rel=1e-12)
    assert units.inflation == pytest.approx((36 / 14) / (36 / 14 - 1), rel=1e-12)
    assert Units.alone(7).effective == pytest.approx(7, rel=1e-12)


def test_the_tail_of_few_units_reaches_as_far_as_students_t():
    """Of the mean of n values: the quantile of its normal resamples at the tail is the end of the t interval."""
    values = np.random.default_rng(0).normal(size=20)
    tail = Units.alone(20).tail(0.95)
    end = values.mean() + stats.norm.ppf(tail) * math.sqrt(values.var() / 20)  # resamples have the variance with 1 / n
    assert end == pytest.approx(stats.ttest_1samp(values, 0).confidence_interval().low, rel=1e-9)
    assert Units.alone(10**6).tail(0.95) == pytest.approx(0.025, abs=1e-6)


def test_a_single_unit_has_no_spread():
    alone = Units(np.zeros(3, dtype=int), {"subject": 1})
    assert math.isinf(alone.inflation)


def test_equal_units_have_the_same_kinds_and_numbers():
    units = units_of(ROWS, np.arange(6))
    assert units == units_of(ROWS, np.arange(6))
    assert units != units_of({}, np.arange(6))
    assert units != Units(units.number[::-1], units.counts)
