"""The rows of a table in a CSV, an Excel workbook or a Parquet file, by the names of its columns."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.readers.rows import named_rows, renamed, require_columns, separator_of
from fercli.datasets.readers.table_columns import COLUMNS, as_option, guessed
from fercli.datasets.source import Source
from fercli.errors import DataError, printable

REQUIRED = ("image or video",)
REMEDY = ". If another column has the paths of the images, add 'data.reader.columns={image: <its name>}'"
SHEETS = (".xlsx",)
FORMS = {",": "commas", ";": "semicolons", "\t": "tabs"}

Row = tuple[int, Mapping[str, Any] | None]


def table_rows(source: Source, table: str, columns: Mapping[str, str]) -> Iterator[Row]:
    """Yield line number and cells by column; None for a row with too few or too many cells.

    Args:
        columns: names of columns of the table, by the names that they get here.

    Raises:
        DataError: the table cannot be read, or lacks a column.
    """
    if table.lower().endswith(SHEETS):
        yield from _sheet_rows(source, table, columns)
    elif table.lower().endswith(".parquet"):
        yield from _parquet_rows(source, table, columns)
    else:
        yield from named_rows(source, table, REQUIRED, columns, _remedy(source))


def form_of(source: Source, table: str) -> str:
    """Return the form of a table in words, such as `semicolons between the cells`."""
    if table.lower().endswith(SHEETS):
        return "the first sheet of an Excel workbook"
    if table.lower().endswith(".parquet"):
        return "a Parquet table"
    return f"{FORMS[separator_of(source, table)]} between the cells"


def _remedy(source: Source) -> Any:
    """Return a function that gives the end of the message about a table without images and videos."""

    def told(header: Iterable[str]) -> str:
        likely = guessed(header, source.holds_videos)
        return f". Add {as_option(likely)}" if {"image", "video"} & set(likely) else REMEDY

    return told


def _sheet_rows(source: Source, table: str, columns: Mapping[str, str]) -> Iterator[Row]:
    content = read_apart(source, table, "xlsx")
    if content["others"]:
        source.remarks[table] = f"only its first sheet is read, not {', '.join(map(printable, content['others']))}"
    rows = iter(content["rows"])
    _, head = next(rows, (0, []))
    header = renamed([str(cell or "") for cell in head], columns, source.place(table))
    require_columns(header, REQUIRED, source.place(table), _remedy(source))
    for line, cells in rows:
        filled = [*cells, *[None] * (len(header) - len(cells))]
        yield line, dict(zip(header, filled, strict=True)) if len(filled) == len(header) else None


def _parquet_rows(source: Source, table: str, columns: Mapping[str, str]) -> Iterator[Row]:
    wanted = [*COLUMNS, *(column.strip().lower() for column in columns.values())]
    content = read_apart(source, table, "parquet", wanted)
    header = renamed(content["columns"], columns, source.place(table))
    require_columns(header, REQUIRED, source.place(table), _remedy(source))
    old = [name.strip().lower() for name in content["columns"]]
    cells = {new: content["cells"][name] for new, name in zip(header, old, strict=True) if name in content["cells"]}
    others = dict.fromkeys(set(header) - set(cells))
    for line, row in enumerate(zip(*cells.values(), strict=True), start=1):
        yield line, others | dict(zip(cells, row, strict=True))


def find_table(source: Source, name: str) -> str:
    """Return the name of the table in the source.

    Raises:
        DataError: it is not there; the message names the tables that are.
    """
    if source.is_single:
        return source.names()[0]
    try:
        return source.find(name)
    except DataError as error:
        there = [file for file in source.names() if file.lower().endswith((".csv", ".tsv", ".parquet", *SHEETS))]
        option = f"data.reader.table={printable(there[0])}" if len(there) == 1 else "data.reader.table=<name>"
        raise DataError(f"{error}. Give the name of your table: {option}") from None
