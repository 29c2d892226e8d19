"""Words for the samples that have a twin in training: in tables of one run, of studies and of comparisons."""

import math
from collections.abc import Mapping
from typing import Any

from fercli.tables.layout import number
from fercli.tables.table import Column


def twins_in_words(without_twins: Mapping[str, Any]) -> str:
    """Say how many samples have a twin in training, and which kinds of twins were looked for.

    Args:
        without_twins: this entry of a `metrics.json`.

    Examples:
        >>> twins_in_words({"checked": ["equal file", "equal pixels"], "num_twins": 2, "num_rows": 8, "metrics": {}})
        '2 of 10 samples have a twin in training: equal pixels (fercli audit also finds near-duplicates).'
    """
    number, near = without_twins["num_twins"], "near-duplicate" in without_twins["checked"]
    kinds = "equal pixels or a near-duplicate" if near else "equal pixels (fercli audit also finds near-duplicates)"
    return f"{number:,} of {number + without_twins['num_rows']:,} samples have a twin in training: {kinds}."


def together_in_words(near: Mapping[str, Any], num_shared: int | None = None) -> str:
    """Say which near-duplicates stay together where rows are divided, and whether evaluated samples have any left.

    Args:
        near: the entry `near_duplicates` of a `metrics.json`.
        num_shared: evaluated samples with a twin in training; None to say nothing of them.

    Examples:
        >>> near = {"digest": "1f2e3d4c5b6a7980", "num_groups": 1, "largest": 3, "num_rows": 3}
        >>> together_in_words(near, 0)
        'Near-duplicates stay together (twins=near, 1f2e3d4c): 1 group with 3 rows, the largest with 3. No evaluated \
sample has a twin in training.'
    """
    groups = f"{near['num_groups']:,} group{'s' * (near['num_groups'] != 1)} with {near['num_rows']:,} rows"
    found = f"Near-duplicates stay together (twins=near, {near['digest'][:8]}): {groups}, the largest with "
    return f"{found}{near['largest']:,}." + (" No evaluated sample has a twin in training." if num_shared == 0 else "")


def apart_note(value: float, num_rows: float | None, column: Column, n: int = 1) -> tuple[str, ...]:
    """Return the footnote to a number that says it over the samples without a twin in training, if that is known.

    Args:
        value: the mean over runs in the unit of the column, over these samples; NaN where it is not known.
        num_rows: number of these samples.
        n: number of runs.
    """
    if math.isnan(value) or num_rows is None:
        return ()
    mean = f", mean of {n} runs" if n > 1 else ""
    unit = f" {column.unit}" if column.unit else ""
    return (f"{number(value, column.decimals)}{unit} on the {num_rows:,.0f} samples without a twin in training{mean}",)
