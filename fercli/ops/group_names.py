"""How groups are described: `gender`, `age=18,30,50` (a number in bins), `gender+age=30,50` (each pair)."""

from collections.abc import Iterable

AND, BINS, EDGE = "+", "=", ","
BETWEEN = ", "  # between the names of a pair of groups


def parts_of(by: str) -> list[tuple[str, str | None]]:
    """Return name and edges of each column of a description; edges are None where there are none.

    Examples:
        >>> parts_of("gender+age=30,50")
        [('gender', None), ('age', '30,50')]
    """
    found = []
    for part in by.split(AND):
        name, bins, edges = part.partition(BINS)
        found.append((name.strip(), edges if bins else None))
    return found


def column_of(by: str) -> str:
    """Return the column of a prediction table that names the group of each row; columns of labels keep their names."""
    return f"by {by}"


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of groups in the order of tables: by the numbers they begin with, else by the alphabet.

    Examples:
        >>> in_order(["50 and over", "under 18", "18 to under 30", "4-19", "70+", "0-3"])
        ['0-3', '4-19', 'under 18', '18 to under 30', '50 and over', '70+']
    """
    return sorted(names, key=lambda name: [_place(part) for part in name.split(BETWEEN)])


def _place(name: str) -> tuple[float, int, str]:
    """Return what a name is sorted by: its first number, if it begins with one; `under 18` is before `18 to ...`."""
    below = name.removeprefix("under ")
    digits = below.split(" ")[0].split("-")[0].rstrip("+")
    is_number = digits.replace(".", "", 1).isdecimal()
    return (float(digits), below == name, name) if is_number else (float("inf"), 0, name)
