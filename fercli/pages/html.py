"""HTML pages: each is one file that loads nothing else."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fercli.errors import printable_lines
from fercli.files import write_text
from fercli.pages.drawings import Drawing, draw
from fercli.pages.parts import Command, Facts, Figures, LinkTable, Section, Tiles
from fercli.tables.layout import layout
from fercli.tables.table import Table

_SCRIPT = files("fercli.pages").joinpath("templates/page.js").read_text("utf-8")
# The page loads nothing and runs no script but its own, whatever its data contains.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"script-src 'sha256-{base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()}'"
)


def _escaped(value: Any) -> Any:
    """Escape control characters and marks of direction in text from data."""
    return printable_lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_TEMPLATES = Environment(
    loader=PackageLoader("fercli.pages"),
    autoescape=True,
    finalize=_escaped,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_page(path: Path, title: str, sections: Sequence[Section], notes: Sequence[str] = ()) -> None:
    """Write a page with contents. Empty parts and sections are left out.

    Args:
        path: file to write; an older file is replaced.
        title: of the page.
        sections: in the order shown.
        notes: sentences that a reader of the numbers must know, shown first.
    """
    figures = [drawn for one in sections for part in one.parts if isinstance(part, Figures) for drawn in part.drawn]
    drawings = iter(draw(figures))
    shown = [(section.title, list(_parts(section, drawings))) for section in sections]
    page = _TEMPLATES.get_template("page.html").render(
        title=title,
        notes=notes,
        sections=[(heading, parts) for heading, parts in shown if parts],
        script=Markup(_SCRIPT),
        policy=_POLICY,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)


def _parts(section: Section, drawings: Iterator[Drawing]) -> Iterator[tuple[str, Any]]:
    """Yield the name of the template of each part that is not empty, and what it shows."""
    for part in section.parts:
        match part:
            case Tiles() if part.numbers:
                yield "tiles", part
            case Facts() if part.pairs:
                yield "facts", part.pairs
            case Command():
                yield "command", part.text
            case Figures() if part.drawn:
                yield "figures", [next(drawings) for _ in part.drawn]
            case Table():
                yield "table", layout(part)
            case LinkTable() if part.rows:
                yield "links", part
            case _:
                pass
