import pytest

from fercli.errors import RunError
from fercli.studies.time_cells import cells_to_time, time_cells


def test_one_seed_of_each_training_is_timed_unless_one_has_finished(small_plan, finish):
    assert cells_to_time(small_plan) == [small_plan.cells[0], small_plan.cells[3]]
    finish(small_plan.cells[1])
    assert cells_to_time(small_plan) == [small_plan.cells[3]]


def test_a_training_that_does_not_start_is_one_clear_message(small_plan):
    with pytest.raises(RunError, match=r"'center' does not start: .*the whole message: fercli train data=rafdb"):
        time_cells(small_plan.cells[:1])  # its store has no rows
