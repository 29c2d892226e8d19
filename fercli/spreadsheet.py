"""CSV files that people open in a spreadsheet."""

from collections.abc import Iterable, Mapping
from csv import DictWriter
from typing import Any, TextIO

# Characters that start a formula in Excel, LibreOffice or Google Sheets; OWASP, "CSV Injection".
FORMULA = ("=", "+", "-", "@", "\t")


class SpreadsheetWriter:
    """Writes rows of named columns as CSV, with an apostrophe before each text that would run as a formula.

    Args:
        stream: text stream, opened with newline="".
        columns: names, in order; a column that a row lacks is left empty.
    """

    def __init__(self, stream: TextIO, columns: Iterable[str]):
        self.columns = tuple(columns)
        self._table = DictWriter(stream, [*map(plain_cell, self.columns)], lineterminator="\n")
        self._table.writeheader()

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append rows."""
        for row in rows:
            self._table.writerow({plain_cell(name): plain_cell(row.get(name)) for name in self.columns})


def plain_cell(value: Any) -> Any:
    """Return the value as a cell that a spreadsheet shows but never runs. Numbers stay numbers.

    Examples:
        >>> plain_cell("=1+1"), plain_cell("fear"), plain_cell(-0.5)
        ("'=1+1", 'fear', -0.5)
    """
    if not isinstance(value, str):
        return value
    value = value.replace("\r", r"\r")  # the csv module does not quote it
    return f"'{value}" if value.startswith(FORMULA) else value
