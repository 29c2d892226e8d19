"""Files that are written whole or not at all, and never through a link that somebody else laid."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"  # how the name of a file ends that is not whole yet


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file so that it exists either completely or not at all, also after a loss of power.

    A link at `path` is replaced, not followed: its target may be anybody's file.
    """
    part = path.with_name(f".{secrets.token_hex(8)}{PART}")  # a name that nobody can foresee
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_changed(path: Path, content: bytes) -> None:
    """`write_whole`, unless the file holds just this already: then it stays untouched."""
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)


def write_text(path: Path, text: str) -> None:
    """`write_whole` for text, as UTF-8; what UTF-8 cannot hold is escaped."""
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def remove_parts(folder: Path) -> None:
    """Remove what a killed process left of files that were not whole. Nobody else may be writing there."""
    for part in folder.glob(f"*{PART}"):
        part.unlink(missing_ok=True)


@contextmanager
def locked(file: Path, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold a lock against other processes; it ends with this process, however that ends.

    Args:
        file: is made where it is missing. Its content stays as it is.
        shared: only against those that do not share it.
        wait: until the others are done, rather than to give up.

    Raises:
        BlockingIOError: another process holds it, and `wait` is not given.
        OSError: the file is a link.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
