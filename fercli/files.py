"""Write files completely or not at all, and never through a link that somebody else made."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"  # suffix of a file that is not complete yet


def content_of(path: str | Path) -> bytes:
    """Read a small file as a whole, without a buffer: in half the time of `Path.read_bytes`, for thousands of files."""
    with open(path, "rb", buffering=0) as file:
        return file.read()


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; `path` then has all of it, or stays as it was, even if the power fails.

    A link at `path` is replaced, not followed: its target may be anybody's file.
    """
    part = _part(path)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _part(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}{PART}")  # a name that nobody can predict


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file as `written_whole` does."""
    with written_whole(path) as file:
        file.write(content)


def write_changed(path: Path, content: bytes) -> None:
    """Write as `write_whole` does, unless the file already holds exactly this content."""
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)


def write_text(path: Path, text: str) -> None:
    """Write text as `write_whole` does, in UTF-8; characters that UTF-8 cannot hold are escaped."""
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def write_same(path: Path, source: Path) -> None:
    """Write to `path` what `source` holds. It is one file with two names, or a copy where the disk has no hard links.

    A later `write_whole` to one of the two names leaves the other as it is.
    """
    part = _part(path)
    try:
        os.link(source, part)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError:
        with source.open("rb") as content, written_whole(path) as file:
            shutil.copyfileobj(content, file)
    finally:
        part.unlink(missing_ok=True)  # of two names of one file, `replace` leaves both


def remove_parts(folder: Path) -> None:
    """Remove incomplete files that a killed process left. No other process may be writing in the folder."""
    for part in folder.glob(f"*{PART}"):
        part.unlink(missing_ok=True)


@contextmanager
def locked(file: Path, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold a lock against other processes. The system releases it when this process ends, for whatever reason.

    Args:
        file: created if it is missing. Its content stays unchanged.
        shared: exclude only processes that do not ask for a shared lock.
        wait: wait until the other processes are done, instead of raising an error.

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
