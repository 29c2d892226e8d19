"""A table in the terminal, readable at 80 columns and wider."""

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from fercli.tables.layout import Entry, Grid, layout
from fercli.tables.table import Table

STYLES = {0: "", 1: "bold", 2: "underline"}  # by rank
GAP = 2  # spaces between columns
SHORTEST_LABEL = 16  # a label is never cut shorter than this


class TerminalTable:
    """A table for `rich.print`: numbers keep their width; words share the remaining width and wrap.

    With `one_line`, a label that is too long is cut off instead, so that each row takes one line.
    """

    def __init__(self, table: Table, one_line: bool = False):
        self.grid = layout(table)
        self.one_line = one_line

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = self.grid
        widths = _widths(grid, options.max_width, SHORTEST_LABEL if self.one_line else None)
        yield Text(grid.title, style="bold")
        for i, (title, lines) in enumerate(grid.blocks):
            if i == 0:
                yield self._part(widths, [], header=True)
            if title:
                yield Text(("" if i == 0 else "\n") + title, style="italic cyan")
            yield self._part(widths, lines)
        if grid.footnotes or grid.notes:
            yield Text("")
        for mark, text in grid.footnotes:
            yield Text(f"{mark}  {text}", style="dim")
        for note in grid.notes:
            yield Text(note, style="yellow")

    def _part(self, widths: list[int], lines: list[list[Entry]], header: bool = False) -> RichTable:
        part = RichTable(box=None, show_header=header, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for i, (heading, width) in enumerate(zip(self.grid.headings, widths, strict=True)):
            cut = self.one_line and i == 0
            part.add_column(
                Text(heading.text),
                justify=heading.align,
                width=width,
                vertical="top",
                no_wrap=cut,
                overflow="ellipsis" if cut else "fold",
            )
        for line in lines:
            part.add_row(*(_cell(entry, width) for entry, width in zip(line, widths, strict=True)))
        return part


def to_terminal(table: Table, width: int = 100) -> str:
    """Return the table as plain text without color, `width` characters wide, for a pipe or a file."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(TerminalTable(table))
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


def _widths(grid: Grid, total: int, shortest_label: int | None) -> list[int]:
    """Return the width of each column: the width of its content, or less where the table would be too wide.

    In narrower columns, intervals go below their numbers, then spreads too, and words wrap. With `shortest_label`,
    labels may be cut off down to that width.
    """
    columns = list(zip(*(line for _, lines in grid.blocks for line in lines), strict=True)) or [()] * len(grid.headings)
    words, wanted = [], []
    for heading, entries in zip(grid.headings, columns, strict=True):
        texts = [_printed(entry) for entry in entries]
        found = " ".join([heading.text, *(texts if heading.align == "left" else ())]).split()
        words.append(max(map(cell_len, found), default=1))
        wanted.append(texts if heading.align == "right" else [])
    widths = [
        max([word, *(cell_len(_printed(entry)) for entry in entries)])
        for word, entries in zip(words, columns, strict=True)
    ]
    for form in (1, 2):
        narrowest = [
            max([word, *(_wide(_forms(text)[form]) for text in texts)])
            for word, texts in zip(words, wanted, strict=True)
        ]
        if shortest_label is not None:
            narrowest[0] = min(narrowest[0], shortest_label)
        widths = _narrowed(widths, narrowest, total)
    return widths


def _narrowed(widths: list[int], narrowest: list[int], total: int) -> list[int]:
    """Make the widest columns narrower, one character at a time, until all fit or none has room left."""
    widths = list(widths)
    while sum(widths) + GAP * (len(widths) - 1) > total:
        room = [width - least for width, least in zip(widths, narrowest, strict=True)]
        if max(room) <= 0:
            break
        widest = max((i for i in range(len(widths)) if room[i] > 0), key=lambda i: widths[i])
        widths[widest] -= 1
    return widths
