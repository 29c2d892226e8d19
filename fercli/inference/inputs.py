"""Which images and videos a command reads: paths are checked before anything is loaded."""

import hashlib
import os
import re
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from fercli.datasets.readers.media_names import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fercli.datasets.shards import storable
from fercli.errors import DataError, printable
from fercli.inference.frames import known_content

URL = re.compile(r"^[a-z][a-z0-9+.-]*:/+", re.IGNORECASE)
PATTERN = re.compile(r"[*?\[]")
SUFFIXES = (*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)


def media(paths: Sequence[Path]) -> dict[Path, str]:
    """Return the images and videos of the paths, and the name of each in tables.

    A path is a file, a folder (then its images and videos, also in subfolders, by name), or a pattern such as
    `videos/*.mp4` that the shell did not expand. A file that two paths lead to is read once. Names are relative to the
    folder that holds all paths, as text that UTF-8 can hold.

    Raises:
        DataError: a path does not exist, is a URL, is no image and no video, or is a folder without any.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _files_of(path):
            found.setdefault(file.resolve(), file)
    files = list(found.values())
    only = len(paths) == 1 and paths[0].is_dir()
    folder = str(paths[0]) if only else os.path.commonpath([file.absolute().parent for file in files])
    return sources({file: os.path.relpath(file.absolute(), Path(folder).absolute()) for file in files})


def sources(names: dict[Path, str]) -> dict[Path, str]:
    """Return the names as text that UTF-8 can hold, each different from the others."""
    texts: dict[Path, str] = {}
    taken: set[str] = set()
    for file, name in names.items():
        text = storable(name)
        if text in taken:  # the escaped name of another file is the same
            text += f"-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"
        texts[file] = text
        taken.add(text)
    return texts


def _files_of(path: Path) -> list[Path]:
    text = printable(str(path))
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES and not known_content(path):
            kind = f"its name ends in {path.suffix!r}, and " if path.suffix else ""
            raise DataError(f"expected an image or a video, found {text}: {kind}its content is neither")
        return [path]
    if path.is_dir():
        if (path / "config.yaml").is_file() and (path / "provenance.json").is_file():
            raise DataError(
                f"expected an image, a video or a folder with some, found the run {text}; put --run before it"
            )
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not files:
            raise DataError(f"expected an image, a video or a folder with some in {text}; found none")
        return files
    if URL.match(str(path)):
        address = re.sub(r":/+", "://", text, count=1)  # a path keeps one of the two
        raise DataError(f"expected a file, found an address ({address}); download it first: fercli reads no network")
    if str(path) == "-":
        raise DataError("expected a file, found '-'; write standard input to a file first, or give --camera 0")
    if str(path).isdigit():
        raise DataError(f"expected a file, found '{path}', which does not exist; --camera {path} reads a camera")
    is_pattern = PATTERN.search(str(path)) is not None
    matches = sorted(map(Path, glob(str(path), recursive=True))) if is_pattern else []
    if is_pattern and not matches:
        raise DataError(f"expected an image, a video or a folder with some for {text}; no path matches this pattern")
    if not matches:
        raise DataError(f"expected an image, a video or a folder with some in {text}; found none: it does not exist")
    return [file for match in matches for file in _files_of(match)]
