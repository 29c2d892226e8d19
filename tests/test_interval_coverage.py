"""Intervals over people hold the true value where those over images do not, and equal methods differ rarely."""

import numpy as np
import pytest

from benchmarks.interval_coverage import (
    METRICS,
    columns,
    coverage,
    fold_size,
    metrics_of,
    paired_size,
    share_coverage,
    sizes_of,
    truth,
    weights_of,
)
from fercli.metrics.affect import ccc
from fercli.metrics.resamples import on_resamples
from fercli.metrics.units import Units


def test_sums_and_weights_give_what_fercli_draws():
    generator = np.random.default_rng(0)
    sizes = sizes_of(8, even=True, generator=generator)
    person = np.repeat(np.arange(8), sizes)
    rows = columns(person, generator)
    true, said = rows[:, 2], rows[:, 3]
    drawn = on_resamples([ccc], (true, said), Units(person, {"subject": 8}), 20, seed=3)
    again = np.random.default_rng(3)
    weights = np.stack([np.bincount(again.integers(8, size=8), minlength=8) for _ in range(20)])
    sums = np.stack([rows[person == one].sum(axis=0) for one in range(8)])
    np.testing.assert_allclose(metrics_of(weights @ sums)[:, METRICS.index("CCC")], drawn[:, 0], rtol=1e-6)
    assert set(weights_of(8, generator).sum(axis=1)) == {8}


@pytest.mark.parametrize("even", [True, False])
def test_intervals_over_people_hold_the_true_value_and_those_over_images_do_not(even):
    found = coverage(truth(0, 20_000), 20, even, repeats=100, seed=0)
    # At a rate of 95 %, fewer than 88 of 100 are seen once in 500 tries.
    assert (found.people >= 0.88).all()
    assert (found.images < found.people - 0.05).all()


def test_intervals_of_recall_hold_over_people_and_where_nearly_all_are_right():
    people, resampled, images = share_coverage(0.95, 10, even=True, repeats=100, seed=0)
    assert people >= 0.88
    assert people > max(resampled, images)


def test_equal_networks_and_learners_hardly_ever_differ():
    found = paired_size(20, repeats=100, seed=0)
    # At a rate of 5 %, more than 12 of 100 are seen once in 700 tries.
    assert max(found["McNemar people"], found["t people"]) <= 0.12 < min(found["McNemar images"], found["t images"])
    corrected, usual = fold_size(10, 1, num_rows=60, repeats=100, seed=0)
    assert corrected <= 0.12
    assert corrected < usual
