import pytest

from fercli.datasets.clock import Clock, in_order_of_display


def shown(told, period=0.1):
    clock = Clock(period)
    return [clock.next(time) for time in told], clock


@pytest.mark.parametrize(
    ("told", "times", "untimed", "backwards"),
    [
        ([0, 0.1, 0.25, 0.3], [0, 0.1, 0.25, 0.3], 0, 0),
        ([0, 0, 0, 0], [0, 0.1, 0.2, 0.3], 3, 0),  # the rate of the head
        ([0, 0.2, 0.4, 0.4, 0.8], [0, 0.2, 0.4, 0.6, 0.8], 1, 0),  # the mean frame so far
        ([0, 1, 2, 0.5, 4], [0, 1, 2, 3, 4], 0, 1),  # one wrong time
        ([0, 1, 2, 0.5, 2.9, 4], [0, 1, 2, 3, 3, 4], 0, 1),
        ([0, 1, 2, 0, 1, 2, 0, 1], [0, 1, 2, 3, 4, 5, 6, 7], 0, 2),  # started again, twice
        ([0, 1, 2, 0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7], 0, 1),  # past the place where it broke off
        ([-0.5, 0.1], [0, 0.1], 0, 0),
    ],
)
def test_a_clock_never_goes_back(told, times, untimed, backwards):
    found, clock = shown(told)
    assert found == pytest.approx(times)
    assert (clock.num_untimed, clock.num_backwards) == (untimed, backwards)


def test_a_clock_without_times_and_rate_says_so():
    assert shown([0, 0], None)[0] == [0, None]
    assert shown([0, 1, 1], None)[0] == [0, 1, 2]


@pytest.mark.parametrize(
    ("packets", "times"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        ([0, 3, 1, 2, 6, 4, 5], [0, 1, 2, 3, 4, 5, 6]),  # decoded before frames that are shown earlier
        ([0, 0, 1, 2], None),  # frames without times
        ([0, 1, 2, 3, 4, 0.5, 1.5, 2.5], None),  # times that go back
        ([], []),
    ],
)
def test_packets_in_the_order_of_display(packets, times):
    found = in_order_of_display(packets, most=2)
    assert times is None if found is None else found.tolist() == times
