"""The record of what was submitted for a study: `submitted.json` in its folder."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fercli.errors import RunError, reading
from fercli.runs.folder import write_json

FILE = "submitted.json"


@dataclass(frozen=True, slots=True)
class Submitted:
    """A cell that was handed to SLURM.

    Attributes:
        run: the folder of its numbers: the run, or an evaluation of it.
        job: id of the job, `12_3` for the member of an array.
        name: name of the job.
        output: file with the output of SLURM and of the `setup` commands; the cell itself writes to its own log.
        time: time of the submission, in seconds since 1970.
        cancelled: whether the user cancelled the job.
    """

    row: str
    seed: int
    run: str
    job: str
    name: str
    output: str
    time: float
    cancelled: bool = False


def submissions(folder: Path) -> list[Submitted]:
    """Return everything that was submitted for the study of a folder, in order.

    Raises:
        RunError: the record is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    remedy = "delete it to forget what was submitted"
    with reading(path, "what was submitted", error=RunError, remedy=remedy):
        found = [Submitted(**entry) for entry in json.loads(path.read_text("utf-8"))]
        if not all(re.fullmatch(r"\d+(_\d+)?", one.job) for one in found):  # they are passed to scancel
            raise RunError(f"{path} is damaged: expected numbers of jobs; {remedy}")
        return found


def add(folder: Path, submitted: Iterable[Submitted]) -> None:
    """Add submissions to the record of a study."""
    _write(folder, [*submissions(folder), *submitted])


def mark_cancelled(folder: Path, jobs: Sequence[str]) -> None:
    """Record that the user cancelled jobs."""
    chosen = set(jobs)
    _write(folder, [replace(s, cancelled=True) if s.job in chosen else s for s in submissions(folder)])


def latest(submitted: Iterable[Submitted]) -> dict[str, Submitted]:
    """Return the last submission of each run folder."""
    return {entry.run: entry for entry in submitted}


def of_all_studies(runs: Path) -> dict[str, Submitted]:
    """Return the last submission of each run folder by any study, because studies share trainings."""
    found = [entry for path in (runs / "studies").glob(f"*/{FILE}") for entry in submissions(path.parent)]
    return latest(sorted(found, key=lambda entry: entry.time))


def _write(folder: Path, submitted: Sequence[Submitted]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FILE, [asdict(entry) for entry in submitted])
