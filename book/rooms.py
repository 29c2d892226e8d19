"""The drawing of the packages in layers, from the contract in setup.cfg that a test holds."""

from configparser import ConfigParser
from html import escape
from pathlib import Path

from book.api import PACKAGE, summary
from book.markdown import code, table

WIDTH, ROW, GAP = 720, 44, 6


def layers() -> list[list[str]]:
    """The layers of packages, the highest first; a layer imports only from those below it."""
    setup = ConfigParser()
    setup.read(Path(PACKAGE.parent) / "setup.cfg")
    lines = setup["importlinter:contract:layers"]["layers"].split("\n")
    return [[name.strip().removeprefix("fercli.") for name in line.split("|")] for line in lines if line.strip()]


def drawing() -> str:
    """The layers as SVG: one row a layer; rows of more than six packages wrap."""
    boxes: list[str] = []
    top = 0
    for layer in layers():
        rows = [layer[start : start + 6] for start in range(0, len(layer), 6)]
        height = len(rows) * ROW + GAP
        boxes.append(f'<rect class="layer" x="0" y="{top}" width="{WIDTH}" height="{height}" rx="6"/>')
        for number, names in enumerate(rows):
            boxes += _row(names, top + GAP + number * ROW)
        top += height + GAP
    label = "The packages of fercli in layers; each imports only from the layers below it"
    return f'<svg class="rooms" viewBox="0 0 {WIDTH} {top}" role="img" aria-label="{label}">{"".join(boxes)}</svg>'


def _row(names: list[str], top: int) -> list[str]:
    width = (WIDTH - GAP * (len(names) + 1)) / len(names)
    parts = []
    for place, name in enumerate(names):
        left = GAP + place * (width + GAP)
        parts.append(f'<rect class="room" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - GAP}" rx="4"/>')
        parts.append(f'<text x="{left + width / 2:.1f}" y="{top + 24}" text-anchor="middle">{escape(name)}</text>')
    return parts


def room_table() -> str:
    """One line a package or module: what it holds."""
    rows = [(code(name), summary(_file(name))) for layer in layers() for name in layer]
    return table(("Part", "What it holds"), rows)


def _file(name: str) -> Path:
    folder = PACKAGE / name
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
