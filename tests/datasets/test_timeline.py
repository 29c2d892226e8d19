import numpy as np
import pytest

from fercli.datasets.timeline import Timeline


def test_rate_and_length_are_those_of_the_times():
    timeline = Timeline(np.array([0, 0.5, 0.6, 1.5]), declared_rate=90)
    assert (timeline.num_frames, timeline.frames_per_second, timeline.seconds) == (4, 2, 2)
    single = Timeline(np.zeros(1), declared_rate=25)
    assert (single.frames_per_second, single.seconds) == (25, 0.04)


@pytest.mark.parametrize(("declared", "is_short"), [(0, False), (1, False), (10, False), (10.2, False), (10.3, True)])
def test_a_shortfall_is_more_than_two_frames(declared, is_short):
    timeline = Timeline(np.arange(100) / 10, 10, declared)
    assert bool(timeline.shortfall) == is_short
