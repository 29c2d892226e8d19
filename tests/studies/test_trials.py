import math
import sys
from itertools import pairwise

import pytest

from fercli.errors import ConfigError, RunError
from fercli.studies.space import Searched
from fercli.studies.trials import JOURNAL, NUM_UNPRUNED, Trials, one_search

pytest.importorskip("optuna", reason="optuna is an optional extra: pip install fercli[search]")

SPACE = (
    Searched("rate", 0.001, 0.1, log=True),
    Searched("width", 8, 64, step=8),
    Searched("kind", choices=("a", None)),
)


@pytest.fixture
def opened(tmp_path):
    """Open the trials in the folder of the test."""

    def opened(name="search", higher_is_better=True, seeds=(0, 1), space=SPACE):
        return Trials(tmp_path / name / JOURNAL, space, seeds, higher_is_better)

    return opened


def go_on(trials, number, function=lambda options: -abs(options["rate"] - 0.01)):
    """Make trials until there are so many, and return all of them."""
    while len(trials.all()) < number or trials.of("unfinished"):
        trial = next(iter(trials.of("unfinished")), None) or trials.ask()
        trials.report(trial, function(trial.options))
    return trials.all()


def test_options_are_of_the_space_and_the_first_trial_is_the_one_given(opened):
    first = {"rate": 0.01, "width": 16, "kind": None}
    trials = opened()
    assert trials.ask(first).options == first
    trials.ask(first)
    found = go_on(trials, 12)
    assert found[1].options != first
    assert all(one.holds(trial.options[one.option]) for trial in found for one in SPACE)
    assert len({trial.options["rate"] for trial in found}) == 12


def test_random_options_are_spread_over_the_space(opened):
    found = go_on(opened(seeds=(0,)), 10)
    places = sorted((1 + math.log10(trial.options["rate"] / 0.01)) / 2 for trial in found)
    assert max(after - before for before, after in pairwise([0, *places, 1])) < 0.35
    assert {trial.options["kind"] for trial in found} == {"a", None}


def test_a_search_that_was_stopped_proposes_the_same_trials(opened):
    whole = go_on(opened("whole"), 14)
    for number in (1, 7, 12):
        go_on(opened("parts"), number)
    trials = opened("parts")
    trials.report(trials.ask(), 0.0 - abs(whole[12].options["rate"] - 0.01))  # the first seed of a trial
    assert go_on(opened("parts"), 14) == whole


@pytest.mark.parametrize("last", range(1, 10))
def test_what_a_kill_leaves_between_two_steps_is_mended(opened, tmp_path, last):
    """The journal ends after each of the lines that a trial writes, the last one torn."""
    whole = go_on(opened("whole"), 6)
    journal = (tmp_path / "whole" / JOURNAL).read_bytes()
    lines = journal.splitlines(keepends=True)
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / JOURNAL).write_bytes(b"".join(lines[:-last]) + lines[-last][:9])
    assert go_on(opened("killed"), 6) == whole


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, 5), (False, 0)])
def test_the_best_trial_is_that_of_the_direction(opened, higher_is_better, best):
    trials = opened(higher_is_better=higher_is_better, seeds=(0,))
    for number in range(6):
        trials.report(trials.ask(), number / 10)
    assert trials.best().number == best


@pytest.mark.parametrize(("higher_is_better", "sign"), [(True, 1), (False, -1)])
def test_a_trial_stops_early_if_it_is_clearly_behind(opened, higher_is_better, sign):
    trials = opened(higher_is_better=higher_is_better)
    for number in range(NUM_UNPRUNED):
        for _ in range(2):
            asked = next(iter(trials.of("unfinished")), None) or trials.ask()
            trial = trials.report(asked, sign * (0.80 + number / 100))
        assert trial.state == "finished"
    behind = trials.report(trials.ask(), sign * 0.70)
    assert (behind.state, behind.values) == ("stopped early", {0: sign * 0.70})
    assert trials.report(trials.ask(), sign * 0.82).state == "unfinished"
    assert trials.best().number == NUM_UNPRUNED - 1


def test_no_trial_stops_early_before_enough_have_finished(opened):
    trials = opened()
    for value in [0.9] * (NUM_UNPRUNED - 1) + [0.1]:
        trial = trials.report(trials.ask(), value)
        assert trial.state == "unfinished"
        trials.report(trial, value)


def test_a_failed_trial_is_never_the_best(opened):
    trials = opened(seeds=(0,))
    assert trials.best() is None
    assert trials.fail(trials.ask()).state == "failed"
    trials.report(trials.ask(), -5.0)
    assert [trial.state for trial in trials.all()] == ["failed", "finished"]
    assert trials.best().number == 1


def test_the_option_that_decides_is_the_most_important(opened):
    trials = opened(seeds=(0,))
    assert trials.importances() == {}
    go_on(trials, 12, lambda options: options["width"] + 0.001 * (options["kind"] is None))
    shares = trials.importances()
    assert shares.keys() == {"rate", "width", "kind"}
    assert shares["width"] > 0.9
    assert sum(shares.values()) == pytest.approx(1)


def test_time_adds_up_over_commands(opened):
    opened().spend(2.5)
    opened().spend(1.5)
    assert opened().seconds == 4


def test_a_damaged_journal_is_one_clear_message(opened, tmp_path):
    go_on(opened(), 2)
    path = tmp_path / "search" / JOURNAL
    path.write_bytes(b"{" * 40 + b"\n" + path.read_bytes())
    with pytest.raises(RunError, match=r"trials.journal is damaged: expected the trials of a search"):
        opened()


def test_two_commands_do_not_search_in_one_folder(tmp_path):
    with (
        one_search(tmp_path / "x"),
        pytest.raises(RunError, match="another command searches in"),
        one_search(tmp_path / "x"),
    ):
        pass


def test_without_optuna_the_extra_is_named(opened, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(
        ConfigError, match=r"--search needs optuna, which is not installed; pip install fercli\[search\]"
    ):
        opened()
