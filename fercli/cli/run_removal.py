"""Move and delete runs: say what is affected, ask, do it."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from fercli.cli.printing import duration, say
from fercli.cli.run_listing import in_bytes
from fercli.errors import RunError, printable
from fercli.runs.folder import RunFolder
from fercli.runs.lineage import children_of
from fercli.runs.listing import UNFINISHED, list_runs
from fercli.runs.removal import delete_run, last_change, move_run, size_of
from fercli.runs.state import is_locked, run_state
from fercli.runs.studies import studies_of

RECENT = 15 * 60  # s; on another machine a training may hold no lock that this one sees


def move(runs: Sequence[RunFolder], target: Path, yes: bool) -> None:
    """Move runs; asks if studies refer to them."""
    _expect_idle(runs)
    affected = _tell_studies(runs, "a study finds its runs only beside it: it would train them again")
    _agree(f"move {_counted(runs)} to {target}?", yes or not affected)
    for run in runs:
        print(move_run(run, target).path)


def delete(runs: Sequence[RunFolder], yes: bool) -> None:
    """Delete runs after a question."""
    _expect_idle(runs)
    _tell_studies(runs, "their tables would lack it, and `fercli ablate` would train it again")
    for run in runs:
        say(f"{_name(run)}: {_facts(run)}")
        if children := [str(path) for path in children_of(run) if path not in {other.path for other in runs}]:
            say(f"  {printable(', '.join(children))} started from it, and cannot be trained again without it")
    _agree(f"delete {_counted(runs)}?", yes)
    for run in runs:
        delete_run(run)
    say(f"deleted {_counted(runs)}")


def prune(runs: Path, yes: bool) -> None:
    """Delete the unfinished runs below a folder after a question."""
    doomed = []
    for entry in list_runs(runs):
        if entry.state not in UNFINISHED:
            continue
        if entry.state == "running" or last_change(entry.run) < RECENT:
            reason = "a process trains in it" if entry.state == "running" else "perhaps a process trains in it"
            say(f"kept {_name(entry.run)}: {reason}; changed {duration(last_change(entry.run))} ago")
        else:
            doomed.append(entry.run)
    if not doomed:
        say(f"nothing to delete in {printable(str(runs))}")
        return
    for run in doomed:
        say(f"{_name(run)}: {_facts(run)}")
    _agree(f"delete {_counted(doomed)} that did not finish, with their checkpoints?", yes)
    for run in doomed:
        delete_run(run)
    say(f"deleted {_counted(doomed)}")


def _expect_idle(runs: Sequence[RunFolder]) -> None:
    """Refuse before anything is changed, if a process trains in one of the runs.

    Raises:
        RunError: a process does; or a run is named twice.
    """
    if len({run.path.resolve() for run in runs}) < len(runs):
        raise RunError("expected each run once; one is named twice")
    for run in runs:
        if is_locked(run):
            raise RunError(f"a process trains in {run.path}; stop it with Ctrl-C, or wait for it")


def _tell_studies(runs: Sequence[RunFolder], consequence: str) -> bool:
    affected = {run: list(studies_of(run.path)) for run in runs}
    for run, names in affected.items():
        if names:
            say(f"{_name(run)} belongs to the studies {', '.join(map(printable, names))}; {consequence}")
    return any(affected.values())


def _facts(run: RunFolder) -> str:
    state = run_state(run).name
    return f"{state}, {in_bytes(size_of(run))}, changed {duration(last_change(run))} ago"


def _agree(question: str, yes: bool) -> None:
    """Ask; anything but yes ends the command with exit status 1, and nothing is changed.

    Raises:
        RunError: nobody can answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise RunError(f"{printable(question)} There is no terminal to ask at: give --yes. Nothing was changed")
    if not typer.confirm(printable(question), err=True):
        say("nothing was changed")
        raise typer.Exit(1)


def _counted(runs: Sequence[RunFolder]) -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"


def _name(run: RunFolder) -> str:
    return printable(str(run.path))
