"""The rows of a CSV file, whatever separator and blank lines it has."""

import csv
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import chain
from typing import IO

from fercli.datasets.source import Source
from fercli.errors import reading

SEPARATORS = ",;\t"


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
