"""Dates in the cells of a table: year first, or day first where the column leaves no doubt."""

import re
from collections.abc import Iterable
from datetime import date

from fercli.errors import DataError, printable

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(\S.*))?")
DIGITS_ALONE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]+(\S.*))?")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ]+(\S.*))?")
EXPECTED = "2024-03-25, or 25.03.2024"


def require_clear(cells: Iterable[str], place: str) -> None:
    """Make sure that the dates of a column with the year last have the day first.

    Dots say so. With other marks, one day after the 12th says so; a month before the day is refused.

    Args:
        place: the table, for the message.

    Raises:
        DataError: they have the month first, or it is not clear.
    """
    found = [(cell, match) for cell in cells if (match := YEAR_LAST.fullmatch(cell.strip()))]
    remedy = "write the dates as 2024-03-25, or leave the column out by another name"
    for cell, match in found:
        if int(match[3]) > 12:
            raise DataError(f"{place}: expected dates with the day first; found {printable(cell)[:40]}: {remedy}")
    doubtful = [cell for cell, match in found if match[2] != "." and match[1] != match[3]]
    if doubtful and all(int(match[1]) <= 12 for _, match in found if match[2] != "."):
        raise DataError(
            f"{place}: expected dates that say which number is the day; found {printable(doubtful[0])[:40]}, and no "
            f"date after the 12th of a month: {remedy}"
        )


def iso(cell: str) -> str:
    """Return a date as text that sorts by time, such as `2024-03-25` or `2024-03-25 10:30`.

    Raises:
        ValueError: it is no date.
    """
    text = cell.strip()
    if match := YEAR_FIRST.fullmatch(text):
        year, _, month, day, rest = match.groups()
    elif match := DIGITS_ALONE.fullmatch(text):
        year, month, day, rest = match.groups()
    elif match := YEAR_LAST.fullmatch(text):
        day, _, month, year, rest = match.groups()
    else:
        raise ValueError(f"expected a date such as {EXPECTED}; found {printable(text)[:40]}")
    told = date(int(year), int(month), int(day)).isoformat()
    return f"{told} {rest}" if rest else told
