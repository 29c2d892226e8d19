"""Which run a run started from, and which runs started from it, as `provenance.json` records it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fercli.checksums import sums_of
from fercli.errors import RunError, printable
from fercli.runs.collect import run_folders
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import read_provenance


@dataclass(frozen=True, slots=True)
class Parent:
    """The run that a run started from. `weights` is the SHA-256 of its weights."""

    run: str
    weights: str
    tensors: int
    not_matched: tuple[str, ...]

    @property
    def words(self) -> str:
        """The parent in words."""
        new = f"; {len(self.not_matched)} new: {', '.join(self.not_matched[:5])}" if self.not_matched else ""
        return printable(f"{self.run}, weights {self.weights[:16]}, {self.tensors} tensors{new}")


def recorded_parent(run: RunFolder) -> Parent | None:
    """Return what a run started from; None where nothing that can be read says so."""
    found: Any = read_provenance(run.path).get("parent")
    try:
        weights = str(found["weights"])
        if not re.fullmatch("[0-9a-f]{64}", weights):
            return None
        return Parent(str(found["run"]), weights, int(found["tensors"]), tuple(map(str, found["not_matched"])))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def children_of(run: RunFolder) -> Iterator[Path]:
    """Yield the runs in the same folder of runs that started from the weights of this run."""
    try:
        weights = sums_of(run.path).get("weights.ckpt")
    except RunError:
        return
    if weights is None:
        return
    for folder in map(Path, sorted(run_folders(str(run.path.parents[1])))):
        parent = recorded_parent(RunFolder(folder))
        if parent is not None and parent.weights == weights and folder != run.path:
            yield folder
