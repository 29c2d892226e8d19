"""List the files of a raw folder by name, follow links, and find the folders that wrap everything."""

import mimetypes
import os
import re
from collections.abc import Collection, Iterator

from fercli.errors import DataError, printable
from fercli.taxonomy import EXPRESSIONS, canonical

# What operating systems and editors leave beside the data.
DEBRIS = re.compile(r"(^|/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(/|$)")
# The name of a folder may tell the split: FER2013Train, Validation, AVEC2014_Dev.
SPLIT_WORD = re.compile(r"(^|[^a-z])(train|dev|val|test)", re.IGNORECASE)
# Folders that link to one another would never end. A pool of 1,000 folders may be linked from each of many splits.
MOST_VISITS, MOST_VISITS_OF_A_FOLDER = 10_000, 1_000
NOWHERE, ABOVE = "link to nothing", "link to a folder above it"


def files_in(root: str) -> tuple[dict[str, int], dict[str, str]]:
    """Return the size in bytes of every file, and why a link was not followed; both by name with `/`, sorted.

    A link stands for the file or folder that it points to. Several links may point to one folder: splits are often
    links into one pool. A link to a folder above it would never end, and is left out.

    Raises:
        DataError: a folder cannot be listed, or folders link to one another without end.
    """
    sizes: dict[str, int] = {}
    refused: dict[str, str] = {}
    top = os.path.realpath(root)
    waiting = [("", top, frozenset(top[: slash.start()] or "/" for slash in re.finditer("/|$", top)))]
    num_visits, distinct = 0, set()
    while waiting:
        prefix, real, above = waiting.pop()
        num_visits += 1
        distinct.add(real)
        if num_visits > MOST_VISITS + MOST_VISITS_OF_A_FOLDER * len(distinct):
            raise DataError(f"links in {root} lead to the same {len(distinct):,} folders without end; remove them")
        for entry in _entries(os.path.join(root, prefix[:-1]) if prefix else root):
            name = prefix + entry.name
            if DEBRIS.search(name):
                continue
            is_link = entry.is_symlink()
            try:
                if entry.is_dir():
                    inner = os.path.realpath(entry.path) if is_link else os.path.join(real, entry.name)
                    if inner in above:
                        refused[name] = ABOVE
                    else:
                        waiting.append((f"{name}/", inner, above | {inner}))
                elif entry.is_file():
                    sizes[name] = entry.stat().st_size
                elif is_link and not os.path.exists(entry.path):
                    refused[name] = NOWHERE
            except OSError:
                if not is_link:
                    raise
                refused[name] = NOWHERE  # also a link to itself, or to a place without read permission
    return dict(sorted(sizes.items())), dict(sorted(refused.items()))


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        where = printable(os.fspath(error.filename or folder))
        raise DataError(f"{where} cannot be read ({error.strerror}); check its permissions") from None


def wrapper(names: Collection[str]) -> str:
    """Return the folders that only wrap everything, with a `/` at the end: `archive/` for `archive/train/...`.

    A folder named as a split or an expression is not a wrapper. Neither is a folder that holds only images or videos:
    it is a class.
    """
    prefix = ""
    while names:
        top, _, _ = next(iter(names)).removeprefix(prefix).partition("/")
        longer = f"{prefix}{top}/"
        if (
            not all(name.startswith(longer) for name in names)
            or SPLIT_WORD.search(top)
            or canonical(top) in EXPRESSIONS
            or all(_is_media(name.removeprefix(longer)) for name in names)
        ):
            break
        prefix = longer
    return prefix


def _is_media(name: str) -> bool:
    """Whether a name has no folder and the suffix of an image or a video."""
    return "/" not in name and (mimetypes.guess_type(name)[0] or "").startswith(("image/", "video/"))
