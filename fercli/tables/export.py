"""One entry to every format of a table."""

from collections.abc import Callable

from fercli.datasets.shards import storable
from fercli.errors import choose
from fercli.tables.latex import to_latex
from fercli.tables.markdown import to_markdown
from fercli.tables.table import Table
from fercli.tables.terminal import to_terminal
from fercli.tables.tidy import to_csv, to_json

FORMATS: dict[str, Callable[[Table], str]] = {
    "terminal": to_terminal,
    "markdown": to_markdown,
    "latex": to_latex,
    "csv": to_csv,
    "json": to_json,
}


def render(table: Table, format: str) -> str:
    """Return the table in a format of `FORMATS`, ending in a newline; what UTF-8 cannot hold is escaped.

    Raises:
        ConfigError: there is no such format.
    """
    choose("format", format, FORMATS)
    return storable(FORMATS[format](table))  # names of run folders may be no UTF-8
