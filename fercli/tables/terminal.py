"""A table in the terminal, readable at 80 columns and wider."""

from collections.abc import Iterator
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from fercli.tables.layout import Entry, Grid, layout
from fercli.tables.table import Table
from fercli.wrapping import wrapped

STYLES = {0: "", 1: "bold", 2: "underline"}  # by rank
GAP = 2  # spaces between columns
MOST_STACKED = 2  # last of the forms of a number


class TerminalTable:
    """A table for `rich.print`: numbers keep their width; words share the remaining width and wrap.

    A table that is too wide even so goes on below itself: the labels, and the columns that are left.
    """

    def __init__(self, table: Table):
        self.grid = layout(table)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        yield _words(self.grid.title, "bold", width)
        for number, part in enumerate(_parts(self.grid, width)):
            if number:
                yield Text("")
            yield from _shown(part, width)
        if self.grid.footnotes or self.grid.notes:
            yield Text("")
        for mark, text in self.grid.footnotes:
            yield _words(f"{mark}  {text}", "dim", width)
        for note in self.grid.notes:
            yield _words(note, "yellow", width)


def _words(text: str, style: str, width: int) -> Text:
    """Return text that breaks between words; a word that is too long, such as a path, stays whole."""
    return Text(wrapped(text, width), style=style, no_wrap=True, overflow="ignore")


def _shown(grid: Grid, total: int) -> Iterator[Text | RichTable]:
    widths = _widths(grid, total)
    for i, (title, lines) in enumerate(grid.blocks):
        if i == 0:
            yield _rows(grid, widths, [], header=True)
        if title:
            yield _words(("" if i == 0 else "\n") + title, "italic cyan", total)
        yield _rows(grid, widths, lines)


def _rows(grid: Grid, widths: list[int], lines: list[list[Entry]], header: bool = False) -> RichTable:
    rows = RichTable(box=None, show_header=header, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for heading, width in zip(grid.headings, widths, strict=True):
        rows.add_column(Text(heading.text), justify=heading.align, width=width, vertical="top", overflow="fold")
    for line in lines:
        rows.add_row(*(_cell(entry, width) for entry, width in zip(line, widths, strict=True)))
    return rows


def to_terminal(table: Table, width: int = 100) -> str:
    """Return the table as plain text without color, `width` characters wide, for a pipe or a file."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(TerminalTable(table), crop=False)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _cell(entry: Entry, width: int) -> Text:
    text = _printed(entry)
    return Text.assemble((next((form for form in _forms(text) if _wide(form) <= width), text), STYLES[entry.rank]))


def _printed(entry: Entry) -> str:
    return entry.text + (f" {','.join(entry.marks)}" if entry.marks else "")


def _forms(text: str) -> tuple[str, str, str]:
    """Return a number on one line, with its interval on a second line, and with its spread on a line of its own too."""
    stacked = text.replace(" [", "\n[")
    return text, stacked, stacked.replace(" \N{PLUS-MINUS SIGN}", "\n\N{PLUS-MINUS SIGN}")


def _wide(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _columns(grid: Grid) -> list[tuple[Entry, ...]]:
    lines = [line for _, lines in grid.blocks for line in lines]
    return list(zip(*lines, strict=True)) or [()] * len(grid.headings)


def _least(grid: Grid, form: int) -> list[int]:
    """Return the least width of each column that breaks no word, with numbers in one of their forms."""
    found = []
    for heading, entries in zip(grid.headings, _columns(grid), strict=True):
        texts = [_printed(entry) for entry in entries]
        words = " ".join([heading.text, *(texts if heading.align == "left" else ())]).split()
        numbers = texts if heading.align == "right" else []
        found.append(max([1, *map(cell_len, words), *(_wide(_forms(text)[form]) for text in numbers)]))
    return found


def _parts(grid: Grid, total: int) -> Iterator[Grid]:
    """Divide a table into tables that are narrow enough; each has the labels, and at least one other column."""
    least, start = _least(grid, MOST_STACKED), 1
    while True:
        end = start + 1
        while end < len(least) and least[0] + sum(least[start : end + 1]) + GAP * (end + 1 - start) <= total:
            end += 1
        kept = [0, *range(start, end)]
        yield replace(
            grid,
            headings=[grid.headings[i] for i in kept if i < len(least)],
            blocks=[
                (title, [[line[i] for i in kept if i < len(line)] for line in lines]) for title, lines in grid.blocks
            ],
        )
        if end >= len(least):
            return
        start = end


def _widths(grid: Grid, total: int) -> list[int]:
    """Return the width of each column: the width of its content, or less where the table would be too wide.

    In narrower columns, first headings wrap, then intervals go below their numbers, then spreads too, and words wrap.
    """
    content = [max([1, *(cell_len(_printed(entry)) for entry in entries)]) for entries in _columns(grid)]
    widths = [max(cell_len(heading.text), width) for heading, width in zip(grid.headings, content, strict=True)]
    if _too_wide(widths, total):
        widths = [max(least, width) for least, width in zip(_least(grid, 0), content, strict=True)]
    for form in range(MOST_STACKED + 1):
        widths = _narrowed(widths, _least(grid, form), total)
    return widths


def _too_wide(widths: list[int], total: int) -> bool:
    return sum(widths) + GAP * (len(widths) - 1) > total


def _narrowed(widths: list[int], narrowest: list[int], total: int) -> list[int]:
    """Make the widest columns narrower, one character at a time, until all fit or none has room left."""
    widths = list(widths)
    while _too_wide(widths, total):
        room = [width - least for width, least in zip(widths, narrowest, strict=True)]
        if max(room) <= 0:
            break
        widest = max((i for i in range(len(widths)) if room[i] > 0), key=lambda i: widths[i])
        widths[widest] -= 1
    return widths
