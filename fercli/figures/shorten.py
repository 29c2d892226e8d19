"""Shorten all names in a figure, so that they leave room for its axes."""

from collections.abc import Iterator
from textwrap import wrap

from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from fercli.errors import printable
from fercli.figures.short_names import short, short_names

MOST_IN_A_LEGEND = 30
WIDE = "legend-of-columns-"  # begins the name of a legend with more room; the number of columns follows
MOST_OF_A_LINE = 60  # columns of any other line


def shorten_names(figure: Figure) -> None:
    """Shorten the texts that are names from data: a name of 255 characters would leave no room for the axes."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_locator(), FixedLocator):
                labels = [label.get_text() for label in axis.get_ticklabels()]
                if (shortened := short_names(labels)) != labels:
                    axis.set_ticklabels(shortened)
    artists = list(_without_ticks(figure))
    in_legends = {id(text): _room(one) for one in artists if isinstance(one, Legend) for text in one.get_texts()}
    for text in artists:
        if isinstance(text, Text):
            most = in_legends.get(id(text))
            lines = text.get_text().split("\n")
            shown = [short(line, MOST_OF_A_LINE) if most is None else _on_two_lines(line, most) for line in lines]
            text.set_text("\n".join(shown))


def _without_ticks(artist: Artist) -> Iterator[Artist]:
    """Yield what an artist holds, without the ticks of axes, which matplotlib would have to make first."""
    yield artist
    for child in [artist.label] if isinstance(artist, Axis) else artist.get_children():
        yield from _without_ticks(child)


def _room(legend: Legend) -> int:
    gid = legend.get_gid() or ""
    return int(gid.removeprefix(WIDE)) if gid.startswith(WIDE) else MOST_IN_A_LEGEND


def _on_two_lines(line: str, most: int) -> str:
    """Break a line between words where two lines of at most `most` columns hold it; else shorten it."""
    line = printable(line)
    lines = wrap(line, most, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) if len(lines) == 2 and all(short(one, most) == one for one in lines) else short(line, most)
