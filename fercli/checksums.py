"""SHA256SUMS of a folder: the checksum of each file at the time when the folder was finished.

The format is that of `sha256sum`, so `sha256sum --check SHA256SUMS` gives the same answer without fercli. The sums
reveal damage and changes by hand. They do not reveal a change by somebody who also wrote new sums.
"""

import hashlib
import os
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from fercli.errors import FercliError, RunError
from fercli.files import content_of, write_changed

FILE = "SHA256SUMS"
LINE = re.compile(r"^([0-9a-f]{64})  ([\w./-]+)$", re.MULTILINE)

State = Literal["sound", "changed", "missing"]


def digest(content: bytes | memoryview) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 of a file. A process reads the file again only if its size or its time changes."""
    state = path.stat()
    return _digest(path.resolve(), state.st_size, state.st_mtime_ns, state.st_ino)


@cache
def _digest(path: Path, size: int, time: int, inode: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(folder: Path, names: Collection[str], contents: Mapping[str, bytes] | None = None) -> None:
    """Write the sums of files of a folder.

    Args:
        names: relative to the folder; those that do not exist are left out.
        contents: name to content of files that are written after this call.
    """
    sums = {name: digest_of(folder / name) for name in names if (folder / name).is_file()}
    sums |= {name: digest(content) for name, content in (contents or {}).items()}
    write_changed(folder / FILE, "".join(f"{value}  {name}\n" for name, value in sorted(sums.items())).encode())


def replace_sum(folder: Path, name: str, content: bytes | None) -> None:
    """Write the sum of one file of a folder; the sums of all other files stay as they are.

    Args:
        content: of the file; None removes its line. Without any line, the file of sums is removed.

    Raises:
        RunError: the file of sums is damaged.
    """
    sums = sums_of(folder) if (folder / FILE).exists() else {}
    sums.pop(name, None)
    sums |= {} if content is None else {name: digest(content)}
    if sums:
        write_changed(folder / FILE, "".join(f"{value}  {key}\n" for key, value in sorted(sums.items())).encode())
    else:
        (folder / FILE).unlink(missing_ok=True)


def sums_of(folder: Path, error: type[FercliError] = RunError) -> dict[str, str]:
    """Read the sums of a folder: file name to sum.

    Raises:
        FercliError: of the kind `error`; the folder has no sums, or the file that holds them is damaged.
    """
    file = f"{folder}{os.sep}{FILE}"  # quicker than a path, for thousands of runs
    try:
        lines = content_of(file).decode("ascii", "replace").splitlines()
    except FileNotFoundError:
        raise error(f"{file} is missing, which says whether the files beside it are sound") from None
    found = LINE.findall("\n".join(lines))
    if not found or len(found) != len(lines):
        raise error(f"{file} is damaged: expected lines of `sha256sum`")
    return {name: value for value, name in found}


def state(folder: Path, name: str, value: str) -> State:
    """Say whether a file is `sound`, `changed` or `missing`, given its sum."""
    try:
        return "sound" if digest_of(folder / name) == value else "changed"
    except FileNotFoundError:
        return "missing"


def require_sound(folder: Path, names: Collection[str], *, remedy: str, error: type[FercliError] = RunError) -> None:
    """Make sure that files are unchanged since the folder was finished, before numbers are computed from them.

    Raises:
        FercliError: of the kind `error`; one of them is missing or changed, or has no sum.
    """
    sums = sums_of(folder, error)
    for name in names:
        found = state(folder, name, sums[name]) if name in sums else "missing"
        if found == "missing":
            raise error(f"{folder / name} is missing, or {FILE} beside it does not name it; {remedy}")
        if found == "changed":
            raise error(f"{folder / name} is damaged or was changed by hand: its sum is not that in {FILE}; {remedy}")
