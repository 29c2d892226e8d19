"""Print which cells were submitted to a cluster, their state, and which were cancelled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercli.cli.printing import counted, print_json, say, tell

if TYPE_CHECKING:
    from fercli.launch.record import Submitted
    from fercli.launch.status import CellStatus
    from fercli.studies.grid import Plan

FOLLOW = ("--status", "--collect", "--cancel")


def print_submitted(plan: "Plan", submitted: "Sequence[Submitted]", num_queued: int, command: str, json: bool) -> None:
    """Print the jobs of the cells, and how to follow them."""
    if json:
        print_json({"study": plan.study.name, "submitted": [asdict(entry) for entry in submitted]})
        return
    done, jobs = sum(cell.finished for cell in plan.cells), {entry.job: None for entry in submitted}
    say(f"{plan.study.name} on {plan.data}: {_accounts(done, num_queued)}{len(jobs)} jobs submitted")
    for job in dict.fromkeys(job.partition("_")[0] for job in jobs):
        print(job)
    if submitted or num_queued:
        say("What next: " + "".join(f"\n  {command} {option}" for option in FOLLOW))
    else:
        say(f"Nothing is missing. The tables: {command} --collect")


def print_written(plan: "Plan", paths: Sequence[Path], steps: Sequence[str], command: str, json: bool) -> None:
    """Print the files to submit, and the commands for it."""
    if json:
        print_json({"study": plan.study.name, "files": [str(path) for path in paths]})
        return
    say(f"{plan.study.name} on {plan.data}: {counted(plan.missing)} to submit")
    for path in paths:
        print(path)
    if paths:
        say("What next: " + "".join(f"\n  {step}" for step in (*steps, f"{command} --collect")))
    else:
        say(f"Nothing is missing. The tables: {command} --collect")


def print_status(plan: "Plan", found: "Sequence[CellStatus]", json: bool) -> None:
    """Print the state of each cell."""
    if json:
        print_json({"study": plan.study.name, "cells": [_entry(status) for status in found]})
        return
    tell("\n".join(status_lines(plan, found)))


def status_lines(plan: "Plan", found: "Sequence[CellStatus]") -> list[str]:
    """Return how many cells are in which state, and a line for each cell."""
    lines = [f"{plan.study.name} on {plan.data}: {_counts(found)}"]
    label, state = max(len(s.cell.label) for s in found), max(len(s.state) for s in found)
    for status in found:
        job = f"  job {status.job}" if status.job else ""
        line = f"{status.state:<{state}}  {status.cell.label:<{label}}  {status.cell.part}{job}  {status.detail}"
        lines.append(line.rstrip())
    return lines


def print_unfinished(found: "Sequence[CellStatus]") -> None:
    """Print how many cells the tables lack."""
    if open_ones := [status for status in found if status.state != "done"]:
        say(f"{len(open_ones)} of {len(found)} planned cells have not finished: {_counts(open_ones)}")


def print_cancelled(plan: "Plan", cancelled: "Sequence[Submitted]", json: bool) -> None:
    """Print which jobs were cancelled."""
    if json:
        print_json({"study": plan.study.name, "cancelled": [asdict(entry) for entry in cancelled]})
        return
    tell(f"{plan.study.name} on {plan.data}: {len(cancelled)} jobs cancelled")
    if cancelled:
        say("Their checkpoints are kept: submit them again to continue.")


def _accounts(done: int, num_queued: int) -> str:
    before = [f"{done} done before, "] if done else []
    return "".join([*before, *([f"{num_queued} in the queue already, "] if num_queued else [])])


def _counts(found: "Sequence[CellStatus]") -> str:
    return ", ".join(f"{count} {state}" for state, count in Counter(status.state for status in found).items())


def _entry(status: "CellStatus") -> dict[str, Any]:
    cell = status.cell
    facts = {
        "row": cell.label,
        "seed": cell.seed,
        "fold": cell.fold,
        "run": str(cell.result.path),
        "state": status.state,
    }
    return facts | {"job": status.job, "detail": status.detail, "log": str(status.log) if status.log else None}
