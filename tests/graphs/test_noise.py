import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from fercli.graphs.noise import uniform


def drawn(seed=0, num_samples=3, rows=range(40), columns=range(50)):
    return uniform(seed, torch.arange(num_samples), torch.tensor(rows), torch.tensor(columns))


@settings(max_examples=20)
@given(seed=st.integers(0, 2**63 - 1), cut=st.integers(1, 39))
def test_parts_are_those_of_the_whole(seed, cut):
    parts = [drawn(seed, rows=range(cut)), drawn(seed, rows=range(cut, 40))]
    assert torch.equal(torch.cat(parts, 1), drawn(seed))


def test_numbers_are_uniform_in_every_direction():
    noise = drawn(seed=1, num_samples=20, rows=range(100), columns=range(100)).double().numpy()
    assert noise.min() >= 0
    assert noise.max() < 1
    assert kstest(noise.ravel(), "uniform").pvalue > 0.001
    for axis in range(3):  # means of 2000 or more numbers whose standard deviation is sqrt(1 / 12)
        means = noise.mean(tuple({0, 1, 2} - {axis}))
        assert np.abs(means - 0.5).max() < 4.5 * np.sqrt(1 / 12 / (noise.size / len(means)))


def test_neighbors_and_seeds_are_independent():
    noise = drawn(seed=1, num_samples=20, rows=range(100), columns=range(100)).double().numpy()
    pairs = [
        (noise[:-1], noise[1:]),
        (noise[:, :-1], noise[:, 1:]),
        (noise[..., :-1], noise[..., 1:]),
        (noise, noise.swapaxes(1, 2)),
        (noise, drawn(seed=2, num_samples=20, rows=range(100), columns=range(100)).double().numpy()),
    ]
    for a, b in pairs:
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / np.sqrt(a.size)


def test_seeds_of_all_64_bits_differ():
    seeds = (0, 1, 2**31, 2**32, 2**63 - 1)
    assert len({drawn(seed).numpy().tobytes() for seed in seeds}) == len(seeds)
