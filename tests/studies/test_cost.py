import json

from fercli.studies.cost import cost
from tests.stores import reseal


def took(cell, seconds):
    content = json.loads(cell.run.metrics.read_text())
    reseal(cell.run.path, **(content | {"seconds": seconds}))


def test_of_a_plan_of_which_nothing_ran_nothing_is_known(small_plan):
    found = cost(small_plan)
    assert (found.num_finished, found.num_begun, found.unknown, found.seconds) == (0, 0, 6, None)


def test_seeds_take_as_long_as_the_finished_ones_of_their_row(small_plan, finish):
    for cell, seconds in zip((small_plan.cells[0], small_plan.cells[3]), (100.0, 400.0), strict=True):
        finish(cell)
        took(cell, seconds)
    found = cost(small_plan)
    assert (found.num_finished, found.measured, found.seconds) == (2, 4, 2 * 100 + 2 * 400)


def test_timings_are_used_where_no_seed_has_finished_and_guesses_last(small_plan, finish):
    finish(small_plan.cells[0])
    took(small_plan.cells[0], 100.0)
    guessed = cost(small_plan)
    assert (guessed.measured, guessed.guessed, guessed.seconds) == (2, 3, 500)
    timed = cost(small_plan, {small_plan.cells[3].run.path.parent: 30.0})
    assert (timed.measured, timed.timed, timed.guessed, timed.seconds) == (2, 3, 0, 2 * 100 + 3 * 30)


def test_trainings_count_and_classifiers_do_not(fitted_plan, finish):
    finish(fitted_plan.cells[0])
    assert (cost(fitted_plan).num_finished, cost(fitted_plan).guessed, cost(fitted_plan).seconds) == (1, 1, 60)
    finish(fitted_plan.cells[3].training)
    assert (cost(fitted_plan).num_finished, cost(fitted_plan).seconds) == (1, 0)


def test_runs_in_the_middle_are_counted(small_plan):
    small_plan.cells[0].run.last.parent.mkdir(parents=True)
    small_plan.cells[0].run.last.touch()
    assert cost(small_plan).num_begun == 1


def test_a_finished_plan_costs_nothing(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell)
    assert cost(small_plan).seconds == 0.0
