"""Numbers as people's tables hold them: in quotes, with a decimal comma, whole ones as pandas writes them again."""

import re

NUMBER = re.compile(r"[+-]?((\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"(\d{1,15})([.,]0*)?", re.ASCII)  # of more digits than any label or count has: no number
QUOTES = " \t\"'"


def number(text: str) -> float:
    """The number that a cell holds; `0,5` is a half. Words for infinity and for no number are numbers as well.

    Raises:
        ValueError: it holds something else, such as `1_000`, which Python takes for a number.
    """
    plain = text.strip(QUOTES)
    if not NUMBER.fullmatch(plain):
        raise ValueError(f"expected a number, found {plain[:40]!r}")
    return float(plain.replace(",", "."))


def whole_number(text: str) -> int | None:
    """The whole number of at least 0 that a cell holds, also as `3.0`; None where it holds something else."""
    found = WHOLE.fullmatch(text.strip(QUOTES))
    return int(found[1]) if found else None
