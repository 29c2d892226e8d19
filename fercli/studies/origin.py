"""One run behind a cell of a study's table: its commit, data, hardware and command."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fercli.runs.folder import RunFolder
from fercli.runs.hardware import hardware_in_words
from fercli.runs.provenance import read_provenance
from fercli.studies.aggregate import Results
from fercli.studies.cell import PlannedCell
from fercli.studies.folds import fold_values
from fercli.studies.verify import doubts


@dataclass(frozen=True, slots=True)
class Origin:
    """One run behind a cell.

    Attributes:
        fold: the fold that the run was evaluated on; None without folds to choose.
        state: "finished", or why the run is not in the table.
        value: in the unit of the column; None where the run is not in the table.
        commit: commit of the code that trained it, with `+` where files differed from the commit; None if unknown.
        fingerprint: fingerprint of the data.
        versions: versions of Python and libraries; empty where the run does not record them.
        doubts: files of the run that are not what was written, and numbers that its predictions do not give.
        command: command that repeats the run in the folder `repeats`, so that it leaves the run itself unchanged.
    """

    seed: int
    fold: int | None
    state: str
    value: float | None
    run: str
    commit: str | None
    data: str
    fingerprint: str
    hardware: str
    versions: dict[str, str]
    doubts: tuple[str, ...]
    command: str


def origin_of(results: Results, training: PlannedCell, metric: str) -> Origin:
    """Return where the number of one run comes from."""
    reasons = {str(left.folder): left.reason for left in results.left_out}
    stored = read_provenance(training.run.path)
    data = stored.get("data", {})
    parts = stored.get("parts") or [stored]  # several if a training was continued, perhaps elsewhere
    commits = dict.fromkeys(part["git"] for part in parts if part.get("git"))
    return Origin(
        seed=training.seed,
        fold=training.fold,
        state=reasons.get(str(training.result.path), "finished"),
        value=_value(results, training, metric),
        run=str(training.result.path),
        commit=", then ".join(commits) or None,
        data=str(data.get("name", "")),
        fingerprint=str(data.get("fingerprint", "")),
        hardware=", then ".join(dict.fromkeys(map(hardware_in_words, parts))),
        versions=stored.get("versions", {}),
        doubts=tuple(doubts(training.result.path)) if training.finished else (),
        command=_command(results, training),
    )


def _value(results: Results, training: PlannedCell, metric: str) -> float | None:
    """Return the number of one run in the unit of the column: that of its own fold, where it has one."""
    values: Mapping[Any, float] = results.values(training.label, metric)
    if training.fold is None:
        return values.get(training.seed)
    value = fold_values(results, training.label, metric).values.get((training.seed, training.fold), math.nan)
    return None if math.isnan(value) else value


def _command(results: Results, training: PlannedCell) -> str:
    """Return the command with the run's own options, which can include options of its hardware beside the plan's."""
    overrides = training.overrides
    if (given := training.run.path / "overrides.txt").is_file():
        overrides = tuple(given.read_text().splitlines())
    elsewhere = tuple("runs=repeats" if word.startswith("runs=") else word for word in overrides)
    repeated = replace(training, overrides=elsewhere, run=RunFolder(Path("repeats", *training.run.path.parts[-2:])))
    fit = "" if repeated.is_training else f" && {repeated.command}"
    return f"{repeated.training.command}{fit}"
