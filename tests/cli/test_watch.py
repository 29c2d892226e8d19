from dataclasses import dataclass

import pytest

from fercli.cli import watch
from fercli.errors import RunError
from fercli.launch.status import CellStatus


@dataclass
class Slept:
    seconds: float = 0.0

    def sleep(self, seconds):
        self.seconds += seconds

    def strftime(self, form):
        return "12:00:00"


@pytest.fixture
def slept(monkeypatch):
    clock = Slept()
    monkeypatch.setattr(watch, "time", clock)
    return clock


def looks(plan, *states):
    """Give these states of the first two cells, one look after the other; an error is raised."""
    left = list(states)

    def look():
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return [CellStatus(cell, state) for cell, state in zip(plan.cells, found, strict=False)]

    return look


def test_without_a_terminal_each_change_is_a_line_until_all_is_done(small_plan, slept, capsys):
    states = ["pending", "pending"], ["running", "pending"], RunError("busy"), ["done", "running"], ["done", "done"]
    found = watch.follow(small_plan, looks(small_plan, *states), 10)
    assert [status.state for status in found] == ["done", "done"]
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "small on rafdb: 2 pending"
    assert printed.out.splitlines()[3:] == [
        f"12:00:00  {change}"
        for change in (
            "running  center  seed 0",
            "done  center  seed 0",
            "running  center  seed 1",
            "done  center  seed 1",
        )
    ]
    assert printed.err == "note: busy; asking again\n"
    assert slept.seconds == 40


def test_it_ends_where_nothing_runs_any_more(small_plan, slept):
    states = [["running", "to run"], ["done", "to run"], ["done", "running"], ["done", "failed"], ["done", "failed"]]
    found = watch.follow(small_plan, looks(small_plan, *states), 5)
    assert [status.state for status in found] == ["done", "failed"]
    assert slept.seconds == 20


def test_an_error_of_the_first_look_ends_it(small_plan, slept):
    with pytest.raises(RunError, match="no SLURM"):
        watch.follow(small_plan, looks(small_plan, RunError("no SLURM")), 5)


def test_on_a_terminal_it_is_one_table(small_plan, slept, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    watch.follow(small_plan, looks(small_plan, ["running", "pending"], ["done", "done"]), 1)
    printed = capsys.readouterr().out
    assert "small on rafdb: 2 done" in printed
    assert "center" in printed
