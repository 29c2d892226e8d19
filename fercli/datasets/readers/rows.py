"""What the readers share: rows of label files, and the matching of label rows with image files."""

import csv
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import IO
from urllib.parse import unquote

from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.errors import DataError, printable, reading
from fercli.records import Record, Reject

SEPARATORS = ",;\t"
Suffixes = tuple[str, ...]
Remedy = Callable[[Sequence[str]], str]
# Formats that fercli cannot decode: their files are found with the others, and left out with a reason.
UNDECODED_SUFFIXES: Suffixes = (".arw", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".hif", ".jxl", ".nef", ".orf")
UNDECODED_SUFFIXES += (".psd", ".raf", ".rw2", ".svg")
IMAGE_SUFFIXES: Suffixes = (".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg")
IMAGE_SUFFIXES += (".jpx", ".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".tif")
IMAGE_SUFFIXES += (".tiff", ".webp", *UNDECODED_SUFFIXES)
VIDEO_SUFFIXES: Suffixes = (".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg")
VIDEO_SUFFIXES += (".mts", ".ogv", ".vob", ".webm", ".wmv")


def image_names(source: Source, folder: str = "") -> list[str]:
    """Return sorted names of the image files in a folder of the source, subfolders included."""
    names = (name for name in source.names() if name.startswith(folder))
    return [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]


def video_names(source: Source, folder: str = "") -> list[str]:
    """Return sorted names of the video files in a folder of the source, subfolders included."""
    return [name for name in source.names() if name.startswith(folder) and is_video(name)]


def is_video(name: str) -> bool:
    """Return whether a file's name says that it is a video."""
    return name.lower().endswith(VIDEO_SUFFIXES)


def csv_rows(source: Source, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of every row of a CSV that is not blank; spaces around cells are removed.

    The separator is the comma, semicolon or tab: the one that divides the first line into the most cells. A line
    `sep=;` above the header, as spreadsheets write it, decides instead.

    Raises:
        DataError: the file is missing or damaged; the message names the line.
    """
    with source.stream(name) as stream:
        yield from rows_of(stream, source.place(name))


def rows_of(stream: IO[str], place: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of an open CSV as `csv_rows` does; messages name `place`."""
    with _line_of(place, 1):
        separator, head = _separator(stream)
    reader = csv.reader(chain(head, stream), delimiter=separator, skipinitialspace=True)
    while True:
        with _line_of(place, reader.line_num + 1):
            row = next(reader, None)
        if row is None:
            return
        if any(map(str.strip, row)):
            yield reader.line_num, [cell.strip() for cell in row]


def separator_of(source: Source, name: str) -> str:
    """Return the separator of a CSV: a comma, a semicolon or a tab.

    Raises:
        DataError: as in `csv_rows`.
    """
    with source.stream(name) as stream, _line_of(source.place(name), 1):
        return _separator(stream)[0]


def _separator(stream: IO[str]) -> tuple[str, list[str]]:
    """Return the separator of a CSV, and the lines that were read from the stream to find it, without `sep=`."""
    blank: list[str] = []
    while (first := stream.readline()) and not first.strip():
        blank.append(first)
    told = re.fullmatch(r"sep=([,;\t])", first.strip("\r\n"), re.IGNORECASE)
    separator = told[1] if told else max(SEPARATORS, key=lambda mark: len(_cells(first, mark)))
    return separator, [*blank, "\n" if told else first]


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])


def _line_of(place: str, line: int) -> AbstractContextManager[None]:
    return reading(f"line {line} of {place}", "a CSV in UTF-8, with commas, semicolons or tabs between the cells")


def named_rows(
    source: Source,
    name: str,
    required: Iterable[str],
    columns: Mapping[str, str] = MappingProxyType({}),
    remedy: Remedy | None = None,
) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield line number and cells by column, for a CSV with a header; None for a row with too few or too many cells.

    Column names are compared in lower case, without spaces around them.

    Args:
        required: columns that must be there; `image or video` means that at least one of the two must be there.
        columns: names of columns in the file, by the names that they get here.
        remedy: gives the end of the message about a required column that is missing, from the names of all columns.

    Raises:
        DataError: as in `csv_rows`, or a required column is missing, or a column is there twice.
    """
    rows = csv_rows(source, name)
    header = renamed(next(rows, (0, []))[1], columns, source.place(name))
    require_columns(header, required, source.place(name), remedy)
    for line, cells in rows:
        if len(cells) == len(header):
            yield line, dict(zip(header, cells, strict=True))
        else:  # a stray quote merges many lines into one row: each of these lines is lost
            first = line - sum(cell.count("\n") for cell in cells)
            yield from ((lost, None) for lost in range(first, line + 1))


def renamed(header: Iterable[str], columns: Mapping[str, str], place: str) -> list[str]:
    """Return the column names in lower case, with the new name of each renamed column.

    Args:
        columns: names of columns in the file, by their new names.

    Raises:
        DataError: a column is there twice, or a column to rename is missing.
    """
    names = [name.strip().lower() for name in header]
    new = {old.strip().lower(): name for name, old in columns.items()}
    if missing := [old for old in new if old not in names]:
        raise DataError(f"expected the columns {_listed(missing)} in {place}; found {_listed(names)}")
    names = [new.get(name, name) for name in names]
    if twice := [name for name, number in Counter(names).items() if name and number > 1]:
        raise DataError(f"expected each column once in {place}; found {_listed(twice)} more than once")
    return names


def require_columns(header: Sequence[str], required: Iterable[str], place: str, remedy: Remedy | None = None) -> None:
    """Make sure that columns are there; `image or video` means that at least one of the two must be there.

    Raises:
        DataError: a column is missing; the message ends with what `remedy` gives.
    """
    if missing := [column for column in required if not set(column.split(" or ")) & set(header)]:
        end = remedy(header) if remedy else ""
        raise DataError(f"expected the columns {', '.join(missing)} in {place}; found {_listed(header)}{end}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(printable(name)[:80] for name in names[:40]) or "an empty file"


class Roll:
    """Matches label rows with image files: each row must name one image, and each image must have a row.

    Args:
        images: image or video files that should have a row.
    """

    def __init__(self, source: Source, images: Iterable[str] = ()):
        self.source = source
        self.unnamed = dict.fromkeys(images)
        self.ids: set[str] = set()

    @cached_property
    def _by_form(self) -> dict[str, str]:
        """Names of files by `formless` name; empty where several files share a `formless` name."""
        forms: dict[str, str] = {}
        for name in self.source.names():
            form = formless(name)
            forms[form] = "" if form in forms else name
        return forms

    def find(self, *names: str) -> str:
        """Return the first name that a file has; else the name of a file that differs in form only; else `names[0]`.

        Names differ in form only if they differ in backslashes, `./`, capitals, `%20` for a space, or in how Unicode
        writes an accent.
        """
        for name in names:
            if self.source.exists(name):
                return name
        for name in names:
            found = next(filter(self.source.exists, _forms(name)), None) or self._by_form.get(formless(name))
            if found:
                self.source.count("names of images differ from those of the files in form only", f"{name} for {found}")
                return found
        return names[0]

    def enter(self, record: Record) -> Record | Reject:
        """Return the record with the actual name of its image file; or a reject for a repeated id or a missing file."""
        if isinstance(record.image, str):
            record = replace(record, image=self.find(record.image))
        self.strike(record)
        if record.id in self.ids:
            return left_out(record, "duplicate id")
        self.ids.add(record.id)
        if isinstance(record.image, str) and not self.source.exists(record.image):
            reason = self.source.refused.get(
                record.image, f"{_kind(record.image, record.frame is not None)} file missing"
            )
            return left_out(record, reason, record.image)
        return record

    def strike(self, record: Record) -> None:
        """Note that the image of a record has a row, also where the row is left out."""
        if isinstance(record.image, str):
            self.unnamed.pop(record.image, None)

    def without_row(self, split: Callable[[str], str]) -> Iterator[Reject]:
        """Yield a reject for each image that no row has named; `split` returns the split for an image's name."""
        for image in self.unnamed:
            yield Reject(image, split(image), "", f"{_kind(image)} without label row")


def _forms(name: str) -> Iterator[str]:
    written = name.replace("\\", "/")
    yield from (written, unquote(written))
    yield from (unicodedata.normalize(form, written) for form in ("NFC", "NFD"))


def formless(name: str) -> str:
    """Return a name in one standard form: two names with the same result are one name, written by different systems."""
    plain = posixpath.normpath(unquote(name).replace("\\", "/"))
    return unicodedata.normalize("NFC", plain.casefold())


def _kind(name: str, has_frames: bool = False) -> str:
    return "video" if has_frames or is_video(name) else "image"


def left_out(record: Record, reason: str, detail: str = "") -> Reject:
    """Return the reject that replaces a record."""
    file = storable(record.image) if isinstance(record.image, str) else ""
    return Reject(record.id, record.split, record.expression or "", reason, storable(detail), file)
