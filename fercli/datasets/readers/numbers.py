"""Numbers as found in tables: in quotes, with a decimal comma, or integers that pandas has written as `3.0`."""

import math
import re

NUMBER = re.compile(r"[+-]?((\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"(\d{1,15})([.,]0*)?", re.ASCII)  # no label or count has more than 15 digits
QUOTES = " \t\"'"


def number(text: str) -> float:
    """Return the number in a cell. `0,5` is a half; `inf`, `infinity` and `nan` are numbers, too.

    Raises:
        ValueError: the cell holds something else, for example `1_000`, which `float` would accept.
    """
    plain = text.strip(QUOTES)
    if not NUMBER.fullmatch(plain):
        raise ValueError(f"expected a number, found {plain[:40]!r}")
    return float(plain.replace(",", "."))


def number_or_nan(text: str) -> float:
    """Return the number in a cell as `number` does; NaN where the cell holds something else."""
    try:
        return number(text)
    except ValueError:
        return math.nan


def whole_number(text: str) -> int | None:
    """Return the integer of at least 0 in a cell, also from `3.0`; None where the cell holds something else."""
    found = WHOLE.fullmatch(text.strip(QUOTES))
    return int(found[1]) if found else None
