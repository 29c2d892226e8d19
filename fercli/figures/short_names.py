"""Shorten names from data, for figures and pages."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from fercli.errors import printable

MOST_OF_A_NAME = 28  # columns of a name beside an axis


def short_names(names: Sequence[str]) -> list[str]:
    """Cut each line of the names to `MOST_OF_A_NAME` columns, and number the names that become equal."""
    cut = ["\n".join(short(line, MOST_OF_A_NAME) for line in name.split("\n")) for name in names]
    found = []
    for place, (name, whole) in enumerate(zip(cut, names, strict=True)):
        equal = [i for i, other in enumerate(cut) if other == name and names[i] != whole]
        found.append(f"{name} ({place + 1})" if equal else name)
    return found


def short(line: str, most: int) -> str:
    """Shorten a line to at most `most` columns by an ellipsis in its middle, and escape control characters."""
    line = printable(line)
    widths = [2 if east_asian_width(char) in "WF" else 1 for char in line]
    if sum(widths) <= most:
        return line
    first, last, room = 0, len(line), most - 1
    while True:  # a character from the beginning, one from the end, and so on, as long as they fit
        place = first if first <= len(line) - last else last - 1
        if widths[place] > room:
            return f"{line[:first]}…{line[last:]}"
        room -= widths[place]
        first, last = (first + 1, last) if place == first else (first, last - 1)
