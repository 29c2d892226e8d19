"""Equal methods hardly ever get a verdict, and unequal ones do: whole studies, drawn with a seed."""

import pytest

from benchmarks.verdict_rates import ALIKE, SPREADS, World, null_rate, power_rates

REPEATS = 60


@pytest.mark.parametrize(("num_samples", "num_seeds"), [(20, 3), (242, 3), (242, 5)])
def test_equal_methods_hardly_ever_get_a_verdict(num_samples, num_seeds):
    world = World(num_samples, SPREADS["large"], *ALIKE["alike"])
    # At a rate of 5 %, 8 or more of 60 studies are seen once in 60 tries.
    assert null_rate(world, num_seeds, 1, REPEATS, seed=0) <= 0.12


def test_a_real_difference_gets_one_as_often_as_the_power_says():
    world = World(242, SPREADS["small"], *ALIKE["alike"], advantage=0.4)
    said, found = power_rates(world, 5, REPEATS, seed=0, num_test_sets=10)
    assert found > 0.3
    assert abs(said - found) < 0.2  # two standard errors of 60 studies are 0.13
