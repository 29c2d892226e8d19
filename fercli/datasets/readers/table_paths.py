"""Paths in a table: relative ones, and whole ones that lie within the folder of the data or within a named root."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from fercli.datasets.source import Source, is_inside

OUTSIDE = "path outside the folder"


def within(source: Source, path: str, root: str | None) -> str | None:
    """Return a path relative to the source, or as it is if it is relative; None where it lies outside.

    Args:
        path: as the table has it; with `/` or backslashes.
        root: folder with which whole paths may begin, besides the folder of the source.
    """
    if is_inside(path):
        return path
    for top in filter(None, (root, *_tops(source))):
        rest = _after(path, top)
        if rest is not None and is_inside(rest):
            return rest.removeprefix(source.prefix)
    return None


def _tops(source: Source) -> Iterable[str]:
    """Yield the names of the folder of the source."""
    if not source.is_zip:
        folder = source.path.parent if source.is_single else source.path
        yield from dict.fromkeys((str(folder.absolute()), str(folder.resolve())))


def _after(path: str, top: str) -> str | None:
    """Return what follows a folder in a path; a path of Windows is compared without capitals."""
    path, top = path.replace("\\", "/"), top.replace("\\", "/").rstrip("/") + "/"
    same = path[: len(top)].casefold() == top.casefold() if path[1:2] == ":" else path.startswith(top)
    return path[len(top) :] if same else None


def likely_root(source: Source, path: str) -> str | None:
    """Return the root with which a path outside of the source would name one of its files; None without such a file.

    The longest end of the path that names a file decides.
    """
    plain = path.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    for i in range(1, len(parts)):
        if source.exists("/".join(parts[i:])):
            return path[: len(plain.rstrip("/")) - len("/".join(parts[i:])) - 1] or "/"
    return None
