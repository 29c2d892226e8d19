import pytest

from fercli.inference.thinned import Thinned


@pytest.mark.parametrize("number", [1, 9, 10, 11, 37, 5000])
def test_values_of_a_stream_of_any_length_are_spread_evenly_from_the_first_on(number):
    thinned = Thinned(10)
    for i in range(number):
        thinned.add(lambda i=i: i)
        assert len(thinned.values) <= 10
    assert thinned.values == list(range(0, number, thinned.every))
    assert len(thinned.values) > 4 or number < 5


def test_what_is_not_kept_is_not_made():
    thinned, made = Thinned(4), []
    for i in range(100):
        thinned.add(lambda i=i: made.append(i))
    assert len(made) < 30
