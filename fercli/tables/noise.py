"""The labels that a run was trained on, where noise was put into them."""

from collections.abc import Mapping
from typing import Any

from fercli.tables.table import Block, Cell, Column, Row, Table

MOST_CLASSES = 20  # a wider table cannot be read


def noise_in_words(noise: Mapping[str, Any]) -> str:
    """Say how many training labels were changed, and what a label file held besides them.

    Args:
        noise: this entry of a `metrics.json`.

    Examples:
        >>> noise_in_words({"words": "20 % symmetric (noise seed 0)", "num_changed": 41, "num_rows": 200, "counts": {}})
        'Training labels: 41 of 200 changed, 20 % symmetric (noise seed 0).'
    """
    counts = ", ".join(f"{number:,} {reason}" for reason, number in noise["counts"].items() if number)
    said = f"{noise['num_changed']:,} of {noise['num_rows']:,} changed, {noise['words']}"
    return f"Training labels: {said}{f' ({counts})' if counts else ''}."


def noise_table(result: Mapping[str, Any]) -> Table | None:
    """Return the realized transitions: training rows by class of the store (row) and class after the noise (column).

    Args:
        result: the content of a `metrics.json`.

    Returns:
        None for a run without noise, or with too many classes.
    """
    noise = result.get("noise", {})
    classes = noise.get("classes", ())
    if not 0 < len(classes) <= MOST_CLASSES:
        return None
    rows = []
    for name, counts in zip(classes, noise["transition"], strict=True):
        cells = {f"{place}": Cell(float(count)) for place, count in enumerate(counts)}
        changed = sum(counts) - counts[classes.index(name)]
        cells["changed"] = Cell(100 * changed / sum(counts) if sum(counts) else None, decimals=1)
        rows.append(Row(name, cells))
    columns = [Column(f"{place}", name, decimals=0) for place, name in enumerate(classes)]
    columns.append(Column("changed", "changed", "%", decimals=1))
    return Table("training labels", columns, [Block("", rows)], label="class", notes=(noise_in_words(noise),))
