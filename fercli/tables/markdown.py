"""A table as Markdown, with the best value bold and the second best in italics (Markdown has no underline)."""

from collections.abc import Iterable

from fercli.tables.layout import Entry, layout
from fercli.tables.table import Table

EMPHASIS = {0: "{}", 1: "**{}**", 2: "*{}*"}  # by rank
SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|"})


def to_markdown(table: Table) -> str:
    """Return the table as GitHub-flavored Markdown; the title of a block becomes a row in bold."""
    grid = layout(table)
    columns = len(grid.headings)
    lines = [f"**{escaped(grid.title)}**", ""]
    lines.append(_line(escaped(heading.text) for heading in grid.headings))
    lines.append(_line("---:" if heading.align == "right" else ":---" for heading in grid.headings))
    for title, rows in grid.blocks:
        if title:
            lines.append(_line([f"***{escaped(title)}***", *[""] * (columns - 1)]))
        lines += [_line(map(_cell, row)) for row in rows]
    lines.append("")
    lines += [f"<sup>{mark}</sup> {escaped(text)}  " for mark, text in grid.footnotes]
    lines += [f"{escaped(note)}  " for note in grid.notes]
    return "\n".join(lines).rstrip() + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(entry: Entry) -> str:
    marks = f" <sup>{','.join(entry.marks)}</sup>" if entry.marks else ""
    return EMPHASIS[entry.rank].format(escaped(entry.text)) + marks


def escaped(text: str) -> str:
    """Return a text in which no character is an order of Markdown; line breaks become spaces."""
    return text.replace("\n", " ").translate(SPECIAL)
