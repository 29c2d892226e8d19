import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fercli.samplers.resampling import Down, Up

COUNTS = st.lists(st.integers(1, 12), min_size=1, max_size=5)


def classes_of(counts):
    return np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))


@given(counts=COUNTS, epoch=st.integers(0, 3))
def test_up_brings_each_class_to_the_largest_and_loses_no_row(labels, counts, epoch):
    classes = classes_of(counts)
    order = Up()(labels(classes), 0, epoch)
    assert np.bincount(classes[order]).tolist() == [max(counts)] * len(counts)
    times = np.bincount(order, minlength=len(classes))
    assert times.min() >= 1
    for number in range(len(counts)):
        assert np.ptp(times[classes == number]) <= 1


@given(counts=COUNTS, epoch=st.integers(0, 3))
def test_down_brings_each_class_to_the_smallest_and_repeats_no_row(labels, counts, epoch):
    classes = classes_of(counts)
    order = Down()(labels(classes), 0, epoch)
    assert np.bincount(classes[order]).tolist() == [min(counts)] * len(counts)
    assert len(set(order)) == len(order)


def test_down_draws_another_part_in_each_epoch(labels):
    known = labels(np.repeat([0, 1], [1000, 10]))
    parts = [set(Down()(known, 0, epoch)) - set(range(1000, 1010)) for epoch in range(2)]
    assert len(parts[0]) == len(parts[1]) == 10
    assert parts[0] != parts[1]


def test_classes_are_mixed(labels):
    classes = np.repeat([0, 1], [500, 500])
    for sampler in (Up(), Down()):
        assert 200 < classes[sampler(labels(classes), 0, 0)[:500]].sum() < 300
