"""Groups of the rows of a store: by a column, by a number in bins, or by several columns at once.

- `gender`: each value is a group.
- `age=18,30,50`: under 18, 18 to under 30, 30 to under 50, 50 and over.
- `gender+age=30,50`: each pair of a gender and an age.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from fercli.datasets.bins import binned, edges_of, numbers_of
from fercli.datasets.store import SCHEMA, Store
from fercli.errors import ConfigError, choose, printable
from fercli.fields import NUMBERS
from fercli.metrics.metric import Metric
from fercli.ops.group_names import BETWEEN, BINS, EDGE, column_of, parts_of
from fercli.records import GROUPS

# Columns of every store by which rows can be divided, besides the further columns of the raw data set.
WORDS = (*GROUPS, "expression", "subject", "video", "session")
NUMERIC = (*NUMBERS, "time")
MOST_GROUPS = 100
TEXTS = tuple(column.name for column in SCHEMA if str(column.type) == "string")  # columns of every store


def default_groups(store: Store) -> tuple[str, ...]:
    """Return what a store is divided by when nobody asks: what its data set names, else the attributes of people.

    Of these, only those of which the store has a value.
    """
    named = store.meta.get("groups")
    known = known_columns(store)
    if not isinstance(named, list):
        return tuple(name for name in GROUPS if name in known)
    return tuple(by for by in named if isinstance(by, str) and all(name in known for name, _ in parts_of(by)))


def divisions(store: Store, metrics: Iterable[Metric], by: Sequence[str] | None) -> tuple[str, ...]:
    """Return the groups that an evaluation needs: those asked for, or else those of the store, and those of metrics.

    Args:
        metrics: of the evaluation; groups that a metric reads and the store does not have are left out.
        by: descriptions that a user gave; None for none.
    """
    asked = default_groups(store) if by is None else tuple(by)
    known = known_columns(store)
    read = [one for metric in metrics for one in metric.by if all(name in known for name, _ in parts_of(one))]
    return tuple(dict.fromkeys((*asked, *read)))


def known_columns(store: Store) -> tuple[str, ...]:
    """Return the columns that groups can be made of: those with a value in some row."""
    own = [name for name in (*WORDS, *NUMERIC) if store.table.column(name).null_count < len(store)]
    return (*own, *(name for name in store.further if name not in own))


def group_columns(store: Store, rows: np.ndarray, by: Iterable[str]) -> dict[str, np.ndarray]:
    """Return the columns of a prediction table that name the groups: (n,) texts, None where a row has no value.

    Args:
        rows: (n,) row numbers.
        by: descriptions as above.

    Raises:
        ConfigError: there is no such column; edges of bins are no ascending numbers, or are missing for a column of
            numbers; a column has more than 100 values.
    """
    return {column_of(description): _groups(store, rows, description) for description in by}


def values_of(store: Store, rows: np.ndarray, by: str) -> np.ndarray:
    """(n,) text of each row in a column, with any number of values, or in a description as above; None: no value.

    Raises:
        ConfigError: as in `group_columns`.
    """
    if by in TEXTS:
        return store.column(by)[rows]
    if by in store.further:
        return store.further[by][rows]
    return group_columns(store, rows, [by])[column_of(by)]


def _groups(store: Store, rows: np.ndarray, by: str) -> np.ndarray:
    parts = [_part(store, rows, name, edges, by) for name, edges in parts_of(by)]
    joined = [None if None in words else BETWEEN.join(words) for words in zip(*parts, strict=True)]
    found = np.array(joined, dtype=object)
    if (number := len({*joined} - {None})) > MOST_GROUPS:
        raise ConfigError(
            f"expected at most {MOST_GROUPS} groups by '{printable(by)}', found {number:,}; of a column of numbers, "
            f"give the edges of bins: --by {printable(by)}{BINS}18{EDGE}30{EDGE}50"
        )
    return found


def _part(store: Store, rows: np.ndarray, name: str, edges: str | None, by: str) -> list[str | None]:
    known = known_columns(store)
    choose("column to make groups of", name, known, f" in {store.path}")
    column = store.column(name)[rows] if name in (*WORDS, *NUMERIC) else store.further[name][rows]
    if edges is not None:
        return binned(numbers_of(column, name), edges_of(edges, by))
    if name in NUMERIC:
        values = store.column(name)  # of all rows: a column without numbers was refused above
        low, high = np.nanmin(values), np.nanmax(values)
        raise ConfigError(
            f"{name} is a number: give the edges of bins, such as --by age{BINS}18{EDGE}30{EDGE}50; "
            f"here {name} is from {low:g} to {high:g}"
        )
    return [None if value is None else str(value) for value in column]
