"""The drawing of the packages in layers, from the contract in setup.cfg that a test holds."""

from configparser import ConfigParser
from html import escape
from pathlib import Path

from docs.book.api import PACKAGE, summary
from docs.book.markdown import code, table


def layers() -> list[list[str]]:
    """The layers of packages, the highest first; a layer imports only from those below it."""
    setup = ConfigParser()
    setup.read(Path(PACKAGE.parent) / "setup.cfg")
    lines = setup["importlinter:contract:layers"]["layers"].split("\n")
    return [[name.strip() for name in line.split("|")] for line in lines if line.strip()]


def drawing() -> str:
    """The layers as boxes, which wrap on a narrow screen."""
    drawn = "".join(f'<div class="layer">{"".join(map(_room, layer))}</div>' for layer in layers())
    return f'<div class="rooms">{drawn}</div>'


def _room(name: str) -> str:
    return f'<a class="room" href="#{name}" title="{escape(summary(_file(name)))}">{escape(name)}</a>'


def room_table() -> str:
    """One line a package or module: what it holds."""
    rows = [(f'<a id="{name}"></a>{code(name)}', summary(_file(name))) for layer in layers() for name in layer]
    return table(("Part", "What it holds"), rows)


def _file(name: str) -> Path:
    folder = PACKAGE / name
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
