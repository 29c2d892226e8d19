"""`trackers.json` in a run folder: the id that each tracker knows the run by.

A training that is stopped, requeued or continued on another day goes on in the same run of the tracker.
"""

import json
from pathlib import Path

from fercli.errors import RunError, reading
from fercli.runs.folder import write_json

FILE = "trackers.json"


def tracked_as(run: Path, tracker: str) -> str | None:
    """Return the id by which a tracker knows the run; None if the run was never logged there.

    Args:
        run: folder of the run.
        tracker: name of the tracker, such as `wandb`.

    Raises:
        RunError: the record is damaged.
    """
    return _read(run).get(tracker)


def remember(run: Path, tracker: str, identity: str) -> None:
    """Record the id by which a tracker knows the run."""
    write_json(run / FILE, _read(run) | {tracker: identity})


def forget(run: Path) -> None:
    """Forget all ids: a training that starts again is a new run for its trackers."""
    (run / FILE).unlink(missing_ok=True)


def _read(run: Path) -> dict[str, str]:
    path = run / FILE
    if not path.is_file():
        return {}
    remedy = "delete it to log to a new run of the tracker"
    with reading(path, "the ids of a run in its trackers", error=RunError, remedy=remedy):
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise RunError(f"{path} is damaged: expected names of trackers with ids; {remedy}")
        return found
