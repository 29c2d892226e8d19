import numpy as np
import pytest

from fercli.samplers.groups import UNGROUPED, draw, inverse_frequency, members

GROUPS = np.array([2, UNGROUPED, 0, 2, 2, 7, 7, UNGROUPED])


def test_members_of_each_group_that_has_any():
    assert [rows.tolist() for rows in members(GROUPS)] == [[2], [0, 3, 4], [5, 6]]
    assert members(np.full(3, UNGROUPED)) == []


def test_inverse_frequency():
    np.testing.assert_allclose(inverse_frequency(GROUPS), [1 / 3, 0, 1, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 0])


def test_a_draw_follows_the_weights_and_has_as_many_rows_as_can_be_drawn():
    weights = np.tile([0.0, 1.0, 3.0, 6.0], 25000)
    rows = draw(weights, 0, 0)
    assert len(rows) == 75000
    assert np.bincount(rows % 4) / len(rows) == pytest.approx([0, 0.1, 0.3, 0.6], abs=0.005)
