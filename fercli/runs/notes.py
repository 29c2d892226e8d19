"""Tags and a note that a user gives a run: `notes.json` of its folder, with its checksum in `SHA256SUMS`."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fercli import checksums
from fercli.errors import RunError, printable, reading
from fercli.files import write_whole
from fercli.runs.folder import RunFolder

TAG = re.compile(r"\w[\w.:-]{0,63}")
MOST_TAGS = 100
MOST_CHARACTERS = 10_000  # of a note
MOST_BYTES = 1 << 20  # of the file


@dataclass(frozen=True, slots=True)
class Notes:
    """What a user says of a run. Nothing of it is part of the experiment, so it changes no number and no run id."""

    tags: tuple[str, ...] = ()
    note: str = ""


def read_notes(run: RunFolder) -> Notes:
    """Read the tags and the note of a run; empty where there are none.

    Raises:
        RunError: the file is damaged, or was changed by hand.
    """
    remedy = f"delete {printable(str(run.notes))} to begin again"
    if not run.notes.is_file():
        return Notes()
    with reading(run.notes, "tags and a note", error=RunError, remedy=remedy):
        if run.notes.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        content = run.notes.read_bytes()
        if checksums.digest(content) != checksums.sums_of(run.path).get(run.notes.name):
            raise ValueError("another checksum")
        found = json.loads(content)
        return _checked(Notes(tuple(map(str, found["tags"])), str(found["note"])))


def write_notes(run: RunFolder, notes: Notes) -> None:
    """Write the tags and the note of a run; without both, the file is removed.

    Raises:
        RunError: a tag or the note is not allowed; a process trains in the folder, and will write its checksums.
    """
    _checked(notes)
    with run.lock():
        if notes == Notes():
            run.notes.unlink(missing_ok=True)
            checksums.replace_sum(run.path, run.notes.name, None)
            return
        content = (json.dumps(asdict(notes), indent=2, ensure_ascii=False) + "\n").encode()
        write_whole(run.notes, content)
        checksums.replace_sum(run.path, run.notes.name, content)


def with_tags(notes: Notes, add: Sequence[str], remove: Sequence[str]) -> Notes:
    """Add and remove tags. The order of the tags is kept.

    Raises:
        RunError: a tag to remove is not there.
    """
    if missing := [tag for tag in remove if tag not in notes.tags]:
        raise RunError(f"no tag '{missing[0]}' to remove; the run has {', '.join(notes.tags) or 'none'}")
    kept = [tag for tag in notes.tags if tag not in remove]
    return Notes(tuple(dict.fromkeys([*kept, *add])), notes.note)


def _checked(notes: Notes) -> Notes:
    for tag in notes.tags:
        if not TAG.fullmatch(tag):
            raise RunError(
                f"expected a tag of at most 64 letters, digits and . : _ -, found '{printable(tag[:80])}'; "
                "a sentence is a note: fercli runs note"
            )
    if len(notes.tags) > MOST_TAGS:
        raise RunError(f"expected at most {MOST_TAGS} tags for a run, found {len(notes.tags)}")
    if len(notes.note) > MOST_CHARACTERS:
        raise RunError(f"expected a note of at most {MOST_CHARACTERS:,} characters, found {len(notes.note):,}")
    return notes
