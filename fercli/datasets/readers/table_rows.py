"""The rows of a table in a CSV, an Excel workbook or a Parquet file, by the names of its columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from fercli.datasets.readers.csv_rows import separator_of
from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.readers.named_rows import Remedy, named_rows, renamed, require_columns
from fercli.datasets.readers.splitting import split_of
from fercli.datasets.readers.table_columns import COLUMNS, as_option, guessed
from fercli.datasets.source import Source
from fercli.errors import DataError, printable
from fercli.records import Embedded

REQUIRED = ("image or video",)
REMEDY = ". If another column has the paths of the images, add 'data.reader.columns={image: <its name>}'"
SHEETS = (".xlsx",)
TABLES = (".csv", ".tsv", ".parquet", *SHEETS)
FORMS = {",": "commas", ";": "semicolons", "\t": "tabs"}

Row = tuple[int, Mapping[str, Any] | None]


def table_rows(source: Source, table: str, columns: Mapping[str, str], unpacked: Path | None = None) -> Iterator[Row]:
    """Yield line number and cells by column; None for a row with too few or too many cells.

    Args:
        columns: names of columns of the table, by the names that they get here.
        unpacked: file for the images that a Parquet file holds; None leaves these images out.

    Raises:
        DataError: the table cannot be read, or lacks a column.
    """
    remedy = _remedy(source, columns)
    if table.lower().endswith(SHEETS):
        yield from _sheet_rows(source, table, columns, remedy)
    elif table.lower().endswith(".parquet"):
        yield from _parquet_rows(source, table, columns, remedy, unpacked)
    else:
        yield from named_rows(source, table, REQUIRED, columns, remedy)


def form_of(source: Source, table: str) -> str:
    """Return the form of a table in words, such as `semicolons between the cells`."""
    if table.lower().endswith(SHEETS):
        return "the first sheet of an Excel workbook"
    if table.lower().endswith(".parquet"):
        return "a Parquet table"
    return f"{FORMS[separator_of(source, table)]} between the cells"


def _remedy(source: Source, named: Mapping[str, str]) -> Remedy:
    """Return a function that gives the end of the message about a table without images and videos."""

    def told(header: Sequence[str]) -> str:
        likely = guessed(header, source.holds_videos)
        return f". Add {as_option({**named, **likely}, header)}" if {"image", "video"} & set(likely) else REMEDY

    return told


def _sheet_rows(source: Source, table: str, columns: Mapping[str, str], remedy: Remedy) -> Iterator[Row]:
    content = read_apart(source, table, "xlsx")
    if content["others"]:
        source.remarks[table] = f"only its first sheet is read, not {', '.join(map(printable, content['others']))}"
    rows = iter(content["rows"])
    _, head = next(rows, (0, []))
    header = renamed([str(cell or "") for cell in head], columns, source.place(table))
    require_columns(header, REQUIRED, source.place(table), remedy)
    for line, cells in rows:
        filled = [*cells, *[None] * (len(header) - len(cells))]
        yield line, dict(zip(header, filled, strict=True)) if len(filled) == len(header) else None


def _parquet_rows(
    source: Source, table: str, columns: Mapping[str, str], remedy: Remedy, unpacked: Path | None
) -> Iterator[Row]:
    wanted = [*COLUMNS, *(column.strip().lower() for column in columns.values())]
    content = read_apart(source, table, "parquet", [str(unpacked or ""), *wanted])
    header = renamed(content["columns"], columns, source.place(table))
    require_columns(header, REQUIRED, source.place(table), remedy)
    old = [name.strip().lower() for name in content["columns"]]
    cells = {new: content["cells"][name] for new, name in zip(header, old, strict=True) if name in content["cells"]}
    others = dict.fromkeys(set(header) - set(cells))
    for line, values in enumerate(zip(*cells.values(), strict=True), start=1):
        row = others | dict(zip(cells, values, strict=True))
        if isinstance(place := row.get("image"), list):
            row["image"] = Embedded(f"row {line} of {table}", str(unpacked), *place)
        yield line, row


def find_tables(source: Source, name: str) -> list[str]:
    """Return the names of the tables in the source: one, or all that fit a glob such as `data/*.parquet`.

    Raises:
        DataError: there is none; the message names the tables that are there.
    """
    if source.is_single:
        return source.names()
    if "*" in name and (found := source.names(name) or source.names(name.removeprefix(source.prefix))):
        return found
    try:
        return [source.find(name)]
    except DataError as error:
        there = [file for file in source.names() if file.lower().endswith(TABLES)]
        parquet = {PurePosixPath(file).parent for file in there if file.lower().endswith(".parquet")}
        option = "<name>"
        if len(there) == 1:
            option = printable(there[0])
        elif len(parquet) == 1:
            option = printable(str(*parquet)).removeprefix(".").removeprefix("/") + "/*.parquet"
        elif parquet:
            option = "**/*.parquet"
        raise DataError(f"{error}. Give the name of your table: data.reader.table={option.lstrip('/')}") from None


def split_of_file(table: str) -> str | None:
    """Return the split that the name of a table tells, such as `data/train-00000-of-00002.parquet`; None for others."""
    *folders, name = PurePosixPath(table).parts
    words = [re.split(r"[-_.]", name)[0], *reversed(folders)]
    return next((split for word in words if (split := split_of(word))), None)
