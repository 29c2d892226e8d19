"""What verification finds: the state of one file, or of one number of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["sound", "damaged", "changed", "missing", "another number", "not checked", "unfinished", "not packed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one file, or of one metric of a run.

    Attributes:
        state: `damaged`: the file cannot be read. `changed`: it can be read, but is not what was written; someone
            changed it, or it is damaged in a place that does not stop reading. `another number`: the predictions give
            another value of a metric than the run records. `not checked`: the metric is code of the user. `not packed`:
            a pack left the file out.
        detail: a sentence for the user; empty for a sound file.
    """

    path: Path
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """How folders are verified.

    Attributes:
        trust: whether the configuration of a run may build metrics that are not part of fercli.
        left_out: names of files that may be missing although the checksums name them: a pack leaves them out.
    """

    trust: bool
    left_out: tuple[str, ...] = ()


def is_sound(finding: Finding) -> bool:
    """Return whether a finding puts no number in doubt; an unfinished run has no numbers, weights are no numbers."""
    return finding.state in ("sound", "unfinished", "not packed")
