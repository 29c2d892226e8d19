"""The parts that a page is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fercli.figures.figure import NamedFigure
from fercli.tables.table import Table


@dataclass(frozen=True, slots=True)
class Tiles:
    """Single numbers: label, value and interval of each, and a sentence about the intervals."""

    numbers: Sequence[tuple[str, str, str]]
    below: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with a value of a few words, or with a sentence."""

    pairs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Command:
    """A command for a shell, with a button that copies it."""

    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures side by side, as far as they are narrow."""

    drawn: Sequence[NamedFigure]


@dataclass(frozen=True, slots=True)
class LinkTable:
    """Rows of texts, each with the relative address that it links to, or `""`: `("seed 0", "../a/seed0")`."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[tuple[str, str]]]


Part = Tiles | Facts | Command | Figures | Table | LinkTable


@dataclass(frozen=True, slots=True)
class Section:
    """A heading that the contents of the page list, and what stands below it."""

    title: str
    parts: Sequence[Part]
