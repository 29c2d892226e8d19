"""Names of files: for OpenCV, for files that are not finished, and for files that are named after data."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from fercli.datasets.shards import storable

MOST_BYTES = 200  # of a name that is made from others; file systems take 255, some that encrypt names 143 characters


@contextmanager
def readable_name(path: Path) -> Iterator[str]:
    """The name of a file for OpenCV: absolute, as FFmpeg takes `12:30.mp4` for an address; a link where it is no UTF-8.

    OpenCV crashes at a name with bytes that are no UTF-8, which files of older archives have.
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
    """Another name beside a file, for libraries that write by name: it becomes the file when all went well.

    When not, it is deleted. It keeps the suffix, by which libraries know the format. The folders above are made.
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
    """A name with an ending, short enough for every file system; what is cut has a hash, so that two never collide."""
    text = storable(name) + ending
    if len(text.encode()) <= MOST_BYTES:
        return text
    mark = f"-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}{ending}"
    return storable(name).encode()[: MOST_BYTES - len(mark.encode())].decode(errors="ignore") + mark
