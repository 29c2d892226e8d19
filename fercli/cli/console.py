"""The console that every command prints to: names from data are shown as text, and never control it."""

from typing import Any

from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from fercli.errors import printable_lines
from fercli.wrapping import wrapped

EDGES = 3  # columns for the edge and the padding of a cell


class Console(RichConsole):
    """A console that interprets no markup, no emoji codes and no control characters in the text that it prints.

    Other people chose the names of classes, files and runs. `[/b]` in a name must not stop a command, and an escape
    sequence must not move the cursor.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print tables in the width of the console, and text in whole lines; a terminal gets them broken at words."""
        if all(isinstance(one, str) for one in objects):
            width = self.width if self.is_terminal else 0
            objects = tuple(wrapped(printable_lines(text), width) for text in objects)
            options = {"soft_wrap": True} | options
        super().print(*objects, **({"crop": False} | options))

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the printable text of a string."""
        return super().render_str(printable_lines(text), **options)


class WordTable(Table):
    """A table whose words and numbers stay whole; in a terminal too narrow for it, each row is a list of its cells."""

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        """Draw the table with columns that are as wide as their longest word, or the lists."""
        for column in self.columns:
            words = " ".join(map(str, (column.header, *column.cells))).split()
            column.min_width = max(map(cell_len, words), default=1)
            column.overflow = "fold"
        needed = sum(column.min_width or 1 for column in self.columns) + EDGES * len(self.columns) + 1
        if needed <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield Text(str(self.title), style="italic")
        headings = [str(column.header) for column in self.columns]
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            first, *others = map(str, cells)
            named = (f"  {name}  {cell}" for name, cell in zip(headings[1:], others, strict=True) if cell)
            lines = wrapped("\n".join([first or headings[0], *named]), options.max_width)
            yield Text(lines, no_wrap=True, overflow="ignore")
