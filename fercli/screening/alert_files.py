"""Files of alerts and of labelled events, and the table of their comparison."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fercli.datasets.readers.numbers import number_or_nan
from fercli.datasets.user_table import read_user_table
from fercli.errors import DataError, choose, printable, reading
from fercli.screening.alerts import Event, Line
from fercli.tables.table import Block, Cell, Column, Row, Table

ENDING = "_alert"
ASKED = ("source", "alert", "start", "end")


def read_lines(path: Path) -> list[Line]:
    """Read the alerts of each person: `predictions.csv` or `predictions.parquet` of `fercli predict --monitor`.

    Needed are the columns `source`, `time` (seconds) and `<kind>_alert`, and `person`, if there are several. A row
    without an alert, neither on nor off, has no window and does not count.

    Raises:
        DataError: the file cannot be read, a column is missing, or times do not ascend.
    """
    import pandas as pd

    place = _file(path, "predictions.csv of fercli predict --monitor")
    with reading(path, "a table of alerts", remedy="name predictions.csv of fercli predict --monitor"):
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    alerts = [name for name in frame.columns if str(name).endswith(ENDING)]
    missing = [name for name in ("source", "time") if name not in frame.columns]
    if missing or not alerts:
        lacks = ", ".join([*missing, *([] if alerts else [f"<kind>{ENDING}"])])
        raise DataError(f"expected the columns source, time and <kind>{ENDING} in {place}; it lacks {lacks}")
    frame = frame.assign(person=frame["person"].fillna("") if "person" in frame else "")
    lines = []
    for (source, person), rows in frame.dropna(subset=alerts).groupby(["source", "person"], sort=False):
        time = rows["time"].to_numpy(dtype=float)
        if not np.isfinite(time).all() or (np.diff(time) < 0).any():
            raise DataError(f"expected ascending times of {printable(str(source))} in {place}; found others")
        states = {str(name).removesuffix(ENDING): rows[name].astype(str).str.lower() == "true" for name in alerts}
        lines.append(Line(str(source), str(person), time, {name: one.to_numpy() for name, one in states.items()}))
    return lines


def read_events(path: Path, lines: Sequence[Line]) -> tuple[list[Event], list[Line]]:
    """Read labelled events, and return them with the lines of the recordings that the file names.

    The file is a csv with the columns `source`, `alert` (such as `bipolar`), `start` and `end` (seconds), and `person`,
    if there are several in a recording. A row with nothing but a source says that the recording was labelled, and that
    nothing happened in it. Recordings that the file does not name are not evaluated.

    Raises:
        DataError: the file cannot be read, or a row is unclear or names what the alerts do not have.
    """
    place = _file(path, "a csv file of events")
    read = read_user_table(path, "events", (*ASKED, "person"))
    read.require_whole_lines(path)
    table = read.frame
    if missing := [name for name in ASKED if name not in table]:
        raise DataError(f"expected the columns {', '.join(ASKED)} in {place}; it lacks {', '.join(missing)}")
    sources = sorted({line.source for line in lines})
    kinds = sorted({name for line in lines for name in line.alerts})
    events, named = [], set()
    for line, row in enumerate(table.to_dict("records"), 2):
        where = f" in the alerts ({place}, line {line})"
        named.add(choose("recording", row["source"], sources, where))
        if any(row.get(name) for name in ("alert", "start", "end")):
            alert = choose("alert", row["alert"], kinds, where)
            start, end = number_or_nan(row["start"]), number_or_nan(row["end"])
            if not 0 <= start < end < math.inf:
                raise DataError(
                    f"{place}, line {line}: expected start and end in seconds, start before end; found "
                    f"{printable(row['start'])!r} and {printable(row['end'])!r}"
                )
            person = _person(row.get("person", ""), row["source"], lines, where)
            events.append(Event(row["source"], person, alert, start, end))
    return events, [line for line in lines if line.source in named]


def _file(path: Path, expected: str) -> str:
    """Return the path as printed, and make sure that a file lies there."""
    if path.is_file():
        return printable(str(path))
    found = "a folder" if path.is_dir() else "nothing"
    raise DataError(f"expected {expected}; found {found} in {printable(str(path))}")


def _person(person: str, source: str, lines: Sequence[Line], where: str) -> str:
    people = [line.person for line in lines if line.source == source]
    if person or len(people) > 1:
        return choose("person", person, people, where)
    return people[0]


def alert_table(document: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the numbers of each kind of alert as a table."""
    columns = [
        Column("events", "events", decimals=0),
        Column("missed", "missed [95 %]", "%", decimals=1),
        Column("delay", "median delay", "s", decimals=1),
        Column("longest", "longest delay", "s", decimals=1),
        Column("alarms", "false alarms", decimals=0),
        Column("rate", "false alarms an hour [95 %]", decimals=2),
        Column("hours", "hours without events", decimals=2),
    ]
    rows = [
        Row(
            alert,
            {
                "events": Cell(float(one["num_events"])),
                "missed": _cell(one["missed"], 100),
                "delay": Cell(one["delay_median"]),
                "longest": Cell(one["delay_longest"]),
                "alarms": Cell(float(one["num_false_alarms"])),
                "rate": _cell(one["false_alarms_an_hour"], 1),
                "hours": Cell(one["hours_without_events"]),
            },
        )
        for alert, one in document.items()
    ]
    unwatched = sum(one["num_not_watched"] for one in document.values())
    notes = [
        "An event is missed if the alert is never on in it. A false alarm is a stretch of an alert that overlaps no "
        "event. Intervals: Wilson and Poisson, as if events and alarms were independent.",
        *([f"Missed events where the monitor had no window: {unwatched:,}."] if unwatched else []),
    ]
    return Table("alerts against labelled events", columns, [Block("", rows)], label="alert", notes=notes)


def _cell(number: Mapping[str, float | None], scale: float) -> Cell:
    value, low, high = (
        None if number[end] is None else scale * (number[end] or 0.0) for end in ("value", "low", "high")
    )
    return Cell(value, low=low, high=high)
