"""Names of files: for OpenCV, for unfinished files, and for files that are named after data."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from fercli.datasets.shards import storable

MOST_BYTES = 200  # of a name made from data; most file systems take 255, some that encrypt names 143 characters


@contextmanager
def readable_name(path: Path) -> Iterator[str]:
    """Give a name under which OpenCV can open a file.

    The name is absolute, since FFmpeg takes `12:30.mp4` for an address. OpenCV crashes at a name that is not UTF-8, as
    older archives have; for these files, the name is that of a temporary link.
    """
    path = path.absolute()
    if storable(str(path)) == str(path):
        yield str(path)
        return
    with TemporaryDirectory(prefix="fercli-") as folder:
        link = Path(folder) / f"file{path.suffix if path.suffix.isascii() else ''}"
        link.symlink_to(path)
        yield str(link)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name beside a file, for libraries that write by name.

    On success, the temporary file is renamed to the file; on an error, it is deleted. It keeps the suffix, from which
    libraries know the format. The folders above are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".unfinished-{uuid4().hex}{path.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def short_name(name: str, ending: str = "") -> str:
    """Return a name with an ending, cut to `MOST_BYTES`; a cut name gets a hash, so that no two names collide."""
    text = storable(name) + ending
    if len(text.encode()) <= MOST_BYTES:
        return text
    mark = f"-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}{ending}"
    return storable(name).encode()[: MOST_BYTES - len(mark.encode())].decode(errors="ignore") + mark
