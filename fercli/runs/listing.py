"""All runs under a folder as entries to list: also those that run, wait, have failed or are damaged."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fercli.errors import FercliError, RunError, printable
from fercli.plain_yaml import read_yaml
from fercli.runs.collect import LeftOut, read_run, run_folders
from fercli.runs.folder import RunFolder
from fercli.runs.metric_value import Score
from fercli.runs.notes import Notes, read_notes
from fercli.runs.provenance import read_provenance
from fercli.runs.state import run_state
from fercli.runs.studies import studies_by_run

UNFINISHED = ("running", "stopped", "failed", "not begun")
DAMAGED = "damaged"
STATES = ("finished", *UNFINISHED, DAMAGED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One run folder.

    Attributes:
        state: one of STATES. A finished run is `damaged` if its numbers cannot be used.
        detail: why it is damaged, why it failed, how it diverged, that it predicts one class, or what continues it.
        choices: `method`, `data` and `backbone`, where the folder says them.
        started: when the training began, as text in ISO 8601; empty where it is not known.
        metrics: the numbers of a finished run.
        studies: folders of the studies that refer to it.
        wrong: what is wrong with its notes; empty where nothing is.
    """

    run: RunFolder
    state: str
    detail: str
    choices: Mapping[str, str]
    seed: int
    started: str
    metrics: Mapping[str, Score] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    studies: tuple[str, ...] = ()
    wrong: str = ""

    def document(self) -> dict[str, Any]:
        """Return the entry for JSON."""
        metrics = {name: {"value": s.value, "low": s.low, "high": s.high} for name, s in self.metrics.items()}
        metrics = {name: {k: v for k, v in ends.items() if v == v} for name, ends in metrics.items()}
        return {
            "folder": str(self.run.path),
            "state": self.state,
            "detail": self.detail,
            **{name: self.choices.get(name) for name in ("method", "data", "backbone")},
            "run_id": self.run.run_id,
            "seed": self.seed,
            "started": self.started or None,
            "metrics": metrics,
            "tags": list(self.notes.tags),
            "note": self.notes.note,
            "studies": list(self.studies),
        }


def list_runs(runs: Path) -> list[Entry]:
    """Return an entry for each run folder at any depth below `runs`, by name.

    Raises:
        RunError: there is no such folder.
    """
    if not runs.is_dir():
        raise RunError(
            f"expected a folder of runs, found no folder {printable(str(runs))}; name it after the command, such as "
            "fercli runs list <folder>. fercli train makes the folder runs"
        )
    folders = [Path(path) for path in sorted(run_folders(str(runs)))]
    named: dict[Path, list[str]] = {}
    for parent in dict.fromkeys(path.parents[1] for path in folders):
        named |= studies_by_run(parent)[0]
    return [read_entry(path, named.get(path, ())) for path in folders]


def read_entry(folder: Path, studies: Iterable[str] = ()) -> Entry:
    """Read one run folder; damage becomes a state or a sentence of the entry."""
    run, found = RunFolder(folder), read_run(folder)
    metrics, choices = {}, {}
    if isinstance(found, LeftOut):
        state = run_state(run)
        name, detail = str(state.name), state.detail
        if name == "finished":
            name, detail = DAMAGED, f"{found.reason}: {found.detail}" if found.detail else found.reason
        if name != DAMAGED:
            choices = _choices(run)
    else:
        name, detail = "finished", str(found[0]["diverged"] or found[0]["one_class"] or "")
        metrics = {score.metric: score for score in found[1] if score.facts is not None}
        choices = {key: str(found[0][key]) for key in ("method", "data", "backbone")}
    try:
        notes, wrong = read_notes(run), ""
    except FercliError as error:
        notes, wrong = Notes(), str(error)
    digits = re.search(r"\d{1,9}$", folder.name)
    seed = int(digits[0]) if digits else -1
    return Entry(run, name, detail, choices, seed, _started(run), metrics, notes, tuple(studies), wrong)


def _choices(run: RunFolder) -> dict[str, str]:
    """Return what an unfinished run trains; empty where its configuration cannot be read."""
    try:
        found = read_yaml(run.config).get("choices")
    except (FercliError, OSError):
        return {}
    found = found if isinstance(found, dict) else {}
    return {key: str(found[key]) for key in ("method", "data", "backbone") if key in found}


def _started(run: RunFolder) -> str:
    try:
        parts = read_provenance(run.path).get("parts") or [read_provenance(run.path)]
        return datetime.fromisoformat(parts[0]["started"]).astimezone(UTC).isoformat(timespec="seconds")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, json.JSONDecodeError):
        return ""
