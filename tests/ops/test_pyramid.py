import numpy as np
import pytest
import torch
from torch.nn.functional import max_pool1d

from fercli.ops.pyramid import NUM_BINS, PYRAMID_MATCH, weighted_pyramid

LEVELS = {80: slice(0, 80), 40: slice(80, 120), 20: slice(120, 140), 10: slice(140, 150)}


def random_vector(dim=2048):
    return torch.randn(2, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def by_loops(vector):
    pooled = []
    for n, weight in ((80, 1 / 2), (40, 1 / 4), (20, 1 / 8), (10, 1 / 8)):
        width = len(vector) // n
        pooled += [weight * max(vector[b * width + i] for i in range(width)) for b in range(n)]
    return pooled


@pytest.mark.parametrize("dim", [2048, 1536, 512])
def test_against_loops(dim):
    vector = random_vector(dim)
    found = weighted_pyramid(vector)
    assert found.shape == (2, 150)
    np.testing.assert_allclose(found[1].numpy(), by_loops(vector[1].tolist()), rtol=1e-12)


def test_of_a_ramp():
    (found,) = weighted_pyramid(torch.arange(2048, dtype=torch.float64)[None] / 2048)
    expected = {
        0: 0.005859375, 79: 0.4880371094, 80: 0.0061035156, 119: 0.2489013672,
        120: 0.0061645508, 139: 0.1244506836, 140: 0.0123901367, 149: 0.1244506836,
    }  # fmt: skip
    for index, value in expected.items():
        assert found[index].item() == pytest.approx(value, abs=5e-11)
    assert found.sum().item() == pytest.approx(26.8463134765625, abs=1e-12)


def test_of_a_constant():
    (found,) = weighted_pyramid(torch.full((1, 2048), 3.0, dtype=torch.float64))
    assert found.sum().item() == 161.25
    for (_, level), weight in zip(LEVELS.items(), PYRAMID_MATCH, strict=True):
        assert found[level].eq(3 * weight).all()


def test_weights_sum_to_one():
    assert sum(PYRAMID_MATCH) == 1
    assert len(PYRAMID_MATCH) == len(NUM_BINS)


def test_a_positive_factor_passes_through_and_a_negative_one_does_not():
    vector = random_vector()
    for factor in (0.0, 0.3, 7.0):
        torch.testing.assert_close(weighted_pyramid(factor * vector), factor * weighted_pyramid(vector))
    assert not torch.allclose(weighted_pyramid(-vector), -weighted_pyramid(vector))


def changed_levels(first, last):
    vector = random_vector()
    before = weighted_pyramid(vector)
    vector[:, first : last + 1] = 100.0
    after = weighted_pyramid(vector)
    return [n for n, level in LEVELS.items() if not torch.equal(before[:, level], after[:, level])]


def test_the_last_elements_of_the_vector_take_no_part():
    assert changed_levels(2040, 2047) == []
    assert changed_levels(2000, 2039) == [40, 20, 10]


def test_gradients_of_the_last_elements():
    for level, expected in ((80, False), (40, True), (20, True), (10, True)):
        vector = random_vector()
        vector[:, 2000:2040] += 10  # the largest of their bins
        vector.requires_grad_()
        weighted_pyramid(vector)[:, LEVELS[level]].sum().backward()
        assert not vector.grad[:, 2040:].any()
        assert bool(vector.grad[:, 2000:2040].any()) == expected


def test_the_order_within_a_bin_does_not_matter():
    vector = random_vector()
    shuffled = vector.clone()
    shuffled[:, 0:25] = vector[:, torch.randperm(25, generator=torch.Generator().manual_seed(1))]
    assert not torch.equal(vector, shuffled)
    assert torch.equal(weighted_pyramid(vector), weighted_pyramid(shuffled))


def test_pooling_as_often_as_the_printed_windows_fit_gives_one_number_too_many():
    vector = random_vector()
    naive = torch.cat([max_pool1d(vector[:, None], width)[:, 0] for width in (25, 51, 102, 204)], dim=1)
    assert naive.shape[1] == 151
    assert weighted_pyramid(vector).shape[1] == 150
    torch.testing.assert_close(weighted_pyramid(vector, weights=[1, 1, 1, 1])[:, :80], naive[:, :80])


def test_a_vector_shorter_than_its_bins_is_refused():
    with pytest.raises(AssertionError, match="79 elements cannot fill 80 bins"):
        weighted_pyramid(torch.zeros(1, 79))
