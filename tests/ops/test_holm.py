import pytest

from fercli.ops.holm import holm


def test_holm_from_its_definition():
    p = [0.01, 0.04, 0.03, 0.005]
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 is 0.02, 0.03, 0.06, 0.04; none may be below an earlier one.
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02], rel=1e-12)
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.01]) == [0.01]
    assert holm([]) == []


def test_a_test_that_could_not_be_made_does_not_count():
    assert holm([None, 0.01, None, 0.02]) == [None, 0.02, None, 0.02]
