"""Why a number of a comparison must be read with care: each flag is a word or two, footnotes give the full reason."""

from collections.abc import Iterable

import pandas as pd

from fercli.published.numbers import DOUBTS
from fercli.tables.layout import number
from fercli.tables.table import Column

LEAST_SHORTFALL = 1.0  # in percent or points; less may be chance


def published_flags(doubts: Iterable[str], published: float, repeated: pd.DataFrame, column: Column) -> list[str]:
    """Return the flags of a published number: those of its remarks, and how far even the best repeat falls short.

    Args:
        doubts: the remarks that cast doubt on the number.
        published: the number, in the unit of the column.
        repeated: rows of `repeats` that were measured under its protocol.
        column: column of the metric.
    """
    remarks = list(doubts)
    flags = [flag for flag, pattern in DOUBTS.items() if any(map(pattern.search, remarks))]
    if not repeated.empty and column.unit in ("%", "points"):
        upward = column.higher_is_better is not False
        best = repeated["repeated"].max() if upward else repeated["repeated"].min()
        shortfall = published - best if upward else best - published
        if shortfall >= LEAST_SHORTFALL:
            flags.append(f"repeats fall short by {number(shortfall, column.decimals)}")
    return flags


def measured_flags(
    n: int,
    selection: str | None,
    budget: str | None,
    external: bool = False,
    diverged: bool = False,
    one_class: bool = False,
) -> str:
    """Return the flags of a measured number.

    Args:
        external: whether the predictions are those of others.
        diverged: whether the predictions of a run are worse than any guess.
        one_class: whether a run predicts every sample as one class.
    """
    flags = ["diverged"] if diverged else []
    flags += ["one class"] if one_class else []
    flags += ["external"] if external else []
    flags += ["one seed"] if n == 1 else []
    flags += ["epoch chosen on this split"] if selection == "reported split" else []
    flags += [f"budget {budget}"] if budget not in (None, "full") else []
    return "; ".join(flags)
