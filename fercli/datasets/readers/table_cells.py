"""The cells of one row of a table: words, numbers and lists, as labels of a record."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fercli.datasets.readers.dates import iso
from fercli.datasets.readers.numbers import number
from fercli.datasets.readers.table_columns import COLUMNS
from fercli.fields import NUMBERS, TIME
from fercli.records import Record
from fercli.scales import Scale
from fercli.taxonomy import canonical

READ = NUMBERS | {"time": TIME}
MISSING = ("", "na", "n/a", "nan", "null")


class OutOfRangeError(ValueError):
    """A number outside the range of its column."""


def labelled(record: Record, row: Mapping[str, Any]) -> Record:
    """Return the record with the labels of its row.

    Raises:
        OutOfRangeError: a number lies outside the range of its column.
        ValueError: a cell holds something else than its column should.
    """
    expression = word(row.get("expression"))
    numbers: dict[str, Any] = {name: _number(name, row) for name in READ}
    votes = _numbers("votes", row)
    landmarks = _numbers("landmarks", row)
    box = _numbers("box", row)
    if votes is not None and (min(votes) < 0 or sum(votes) == 0):
        raise OutOfRangeError(f"expected votes of at least 0 with one above, found {votes}")
    if landmarks is not None and len(landmarks) % 2:
        raise ValueError(f"expected landmarks x;y;x;y;..., found {len(landmarks)} numbers")
    if box is not None and (len(box) != 4 or box[0] >= box[2] or box[1] >= box[3]):
        raise ValueError(f"expected a box left;top;right;bottom, found {box}")
    return replace(
        record,
        expression=canonical(expression) if expression else None,
        votes=votes,
        age_group=word(row.get("age_group")),
        gender=word(row.get("gender")),
        race=word(row.get("race")),
        landmarks=np.array(landmarks).reshape(-1, 2) if landmarks else None,
        box=(box[0], box[1], box[2], box[3]) if box else None,
        subject=word(row.get("subject")),
        video=word(row.get("video")),
        session=_session(row),
        role=word(row.get("role")),
        **numbers,
    )


def further(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return name and text of the cells in further columns, without those that have no value.

    Lists and other nested cells, which a Parquet file may hold, are left out, too.
    """
    names = [name for name in row if name and name not in COLUMNS]
    plain = {name: word(row[name]) for name in names if isinstance(row[name], str | int | float)}
    return tuple((name, text) for name, text in sorted(plain.items()) if text is not None)


def scored(row: Mapping[str, Any], scales: Mapping[str, Scale]) -> dict[str, float]:
    """Return the score of each questionnaire that has one in this row, by the name of its scale.

    Raises:
        OutOfRangeError: a score lies outside of its scale.
        ValueError: a cell holds no number.
    """
    found = {name: _as_number(name, row[name]) for name in scales if not is_missing(row.get(name))}
    for name, score in found.items():
        if not scales[name].low <= score <= scales[name].high:
            raise OutOfRangeError(f"expected {scales[name].range}; found {score:g}")
    return found


def _session(row: Mapping[str, Any]) -> str | None:
    """Return the name of the sitting, such as `p01/2024-03-25 visit 2`.

    Tables count the sittings of each person from 1, so the subject is part of it. The date comes first: names in
    alphabetical order are in the order of time.
    """
    subject, session, day = (word(row.get(name)) for name in ("subject", "session", "date"))
    told = " ".join(filter(None, (day and iso(day), session))) or None
    return told if subject is None or told is None else f"{subject}/{told}"


def is_missing(cell: Any) -> bool:
    """Whether a cell says that it has no value."""
    return cell is None or (isinstance(cell, str | float) and str(cell).strip().lower() in MISSING)


def word(cell: Any) -> str | None:
    """Return the text of a cell; None where it has no value."""
    return None if is_missing(cell) else str(cell)


def _as_number(name: str, cell: Any) -> float:
    try:
        return number(cell) if isinstance(cell, str) else float(cell)
    except ValueError as error:
        raise ValueError(f"column {name}: {error}") from None


def _number(name: str, row: Mapping[str, Any]) -> float | None:
    cell: Any = row.get(name)
    if is_missing(cell):
        return None
    value = _as_number(name, cell)
    low, high = READ[name].low, READ[name].high
    if not low <= value <= high or math.isinf(value):
        raise OutOfRangeError(f"expected {name} in [{low:g}, {high:g}], found {str(cell)[:40]}")
    return value


def _numbers(name: str, row: Mapping[str, Any]) -> tuple[float, ...] | None:
    cell: Any = row.get(name)
    if is_missing(cell) or len(cell) == 0:
        return None
    parts = cell.strip("[]() ").split(";") if isinstance(cell, str) else np.ravel(cell)
    values = tuple(_as_number(name, part) for part in parts)
    if not all(map(math.isfinite, values)):
        raise OutOfRangeError(f"expected finite numbers in {name}, found {str(cell)[:40]}")
    return values
