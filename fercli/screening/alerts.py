"""Alerts of the monitor against labelled events: false alarms an hour, delay of detection, missed events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import chi2

from fercli.metrics.shares import normal_quantile, score_interval

GAP = 5  # median steps between two windows; after a longer one, the monitor did not watch
HOUR = 3600.0

Span = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """What the monitor said of one person in one recording.

    Attributes:
        time: (n,) seconds of the windows, ascending.
        alerts: for each kind of alert, (n,) bool: whether it is on in each window.
    """

    source: str
    person: str
    time: np.ndarray
    alerts: Mapping[str, np.ndarray]

    @property
    def step(self) -> float:
        """Median time between two windows, in seconds; 0 for a single one."""
        return float(np.median(np.diff(self.time))) if len(self.time) > 1 else 0.0

    def spans(self, holds: np.ndarray) -> list[Span]:
        """Return start and end of each stretch of windows (n,) for which something holds; a gap ends a stretch.

        A window lasts until the next one; the last one before a gap lasts as long as a median step.
        """
        found: list[Span] = []
        breaks = np.flatnonzero(np.diff(self.time) > GAP * self.step) + 1
        for first, last in pairwise([0, *breaks.tolist(), len(self.time)]):
            edges = np.flatnonzero(np.diff(np.concatenate([[False], holds[first:last], [False]]).astype(int)))
            ends = np.append(self.time[first + 1 : last], self.time[last - 1] + self.step)
            found += [(float(self.time[first + a]), float(ends[b - 1])) for a, b in edges.reshape(-1, 2)]
        return found


@dataclass(frozen=True)
class Event:
    """An interval in which an alert should be on: seconds from the start of the recording."""

    source: str
    person: str
    alert: str
    start: float
    end: float


@dataclass(frozen=True)
class Outcome:
    """One event, or one false alarm.

    Attributes:
        is_event: whether it is an event; else it is an alert that overlaps no event.
        delay: seconds from the start of an event to the first window with the alert; None for a missed event.
        watched: whether the monitor had a window during the event.
    """

    source: str
    person: str
    alert: str
    start: float
    end: float
    is_event: bool
    delay: float | None = None
    watched: bool = True


def outcomes(line: Line, alert: str, events: Sequence[Event]) -> list[Outcome]:
    """Return what became of each event of one kind, and the false alarms.

    An event is detected if the alert is on at any time within it. An alert that is on when the event begins has a delay
    of 0. A false alarm is one stretch of the alert, however long, that overlaps no event.

    Args:
        events: of this person, recording and kind.
    """
    spans, watched = line.spans(line.alerts[alert]), line.spans(np.ones(len(line.time), dtype=bool))
    found = []
    for event in events:
        on = [start for start, end in spans if start <= event.end and end > event.start]
        delay = max(0.0, on[0] - event.start) if on else None
        seen = any(start <= event.end and end > event.start for start, end in watched)
        found.append(Outcome(line.source, line.person, alert, event.start, event.end, True, delay, seen))
    for start, end in spans:
        if not any(start <= event.end and end > event.start for event in events):
            found.append(Outcome(line.source, line.person, alert, start, end, False))
    return found


def seconds_without_events(line: Line, events: Sequence[Event]) -> float:
    """Return for how many seconds the monitor watched outside of the events: when a false alarm is possible."""
    total = 0.0
    for start, end in line.spans(np.ones(len(line.time), dtype=bool)):
        ends = sorted({start, end, *(min(max(t, start), end) for one in events for t in (one.start, one.end))})
        for a, b in pairwise(ends):
            if not any(one.start <= (a + b) / 2 <= one.end for one in events):
                total += b - a
    return total


def rate_interval(number: int, hours: float, level: float = 0.95) -> Span:
    """Exact interval of a rate an hour, for a Poisson count; NaN without time. Source: Garwood 1936."""
    if hours <= 0:
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    low = chi2.ppf(tail, 2 * number) / 2 if number else 0.0
    return float(low / hours), float(chi2.ppf(1 - tail, 2 * number + 2) / 2 / hours)


def alert_document(lines: Sequence[Line], events: Sequence[Event]) -> tuple[dict[str, Any], list[Outcome]]:
    """Return the numbers of each kind of alert, and all outcomes.

    A number is `value`, `low` and `high` (95 %; events and alarms count as independent); None where nothing is defined.
    """
    document, all_outcomes = {}, []
    for alert in sorted({name for line in lines for name in line.alerts}):
        found, hours = [], 0.0
        for line in lines:
            own = [one for one in events if (one.source, one.person, one.alert) == (line.source, line.person, alert)]
            found += outcomes(line, alert, own)
            hours += seconds_without_events(line, own) / HOUR
        all_outcomes += found
        document[alert] = _numbers([one for one in found if one.is_event], [o for o in found if not o.is_event], hours)
    return document, all_outcomes


def _numbers(events: Sequence[Outcome], false: Sequence[Outcome], hours: float) -> dict[str, Any]:
    delays = [one.delay for one in events if one.delay is not None]
    missed = (len(events) - len(delays)) / len(events) if events else float("nan")
    low, high = score_interval(missed, len(events), normal_quantile())
    rate = len(false) / hours if hours > 0 else float("nan")
    least, most = rate_interval(len(false), hours)
    numbers = {
        "missed": {"value": missed, "low": low, "high": high},
        "false_alarms_an_hour": {"value": rate, "low": least, "high": most},
    }
    known = {
        name: {end: None if np.isnan(value) else value for end, value in number.items()}
        for name, number in numbers.items()
    }
    return known | {
        "num_events": len(events),
        "num_missed": len(events) - len(delays),
        "num_not_watched": sum(not one.watched for one in events),
        "num_false_alarms": len(false),
        "hours_without_events": hours,
        "delay_median": median(delays) if delays else None,
        "delay_longest": max(delays) if delays else None,
    }
