"""The rows of a CSV file by the names of its columns."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from fercli.datasets.readers.csv_rows import csv_rows
from fercli.datasets.source import Source
from fercli.errors import DataError, printable

Remedy = Callable[[Sequence[str]], str]


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
