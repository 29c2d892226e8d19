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
