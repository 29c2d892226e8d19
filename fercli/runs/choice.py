"""Which of the listed runs are wanted, and in which order."""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fercli.errors import ConfigError, choose, nearest
from fercli.runs.listing import STATES, Entry

KEYS = ("folder", "state", "method", "data", "backbone", "seed", "started")  # to sort by, besides metrics
COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
THRESHOLD = re.compile(r"\s*([\w/.-]+?)\s*(>=|<=|>|<)\s*([^\s%]+)\s*%?\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound of one metric, such as `accuracy>=85`, in the printed unit of the metric."""

    metric: str
    sign: str
    number: float

    @classmethod
    def of(cls, text: str) -> "Threshold":
        """Read a threshold.

        Raises:
            ConfigError: it is no metric, sign and number.
        """
        parts = THRESHOLD.fullmatch(text)
        try:
            number = math.nan if parts is None else float(parts[3])
        except ValueError:
            number = math.nan
        if parts is None or math.isnan(number):
            raise ConfigError(f"cannot read '{text}'; expected a metric and a number, such as 'accuracy>=85'")
        return cls(parts[1], parts[2], number)

    def allows(self, entry: Entry) -> bool:
        """Whether a run has the metric and keeps the bound."""
        score = entry.metrics.get(self.metric)
        if score is None or score.facts is None:
            return False
        return COMPARED[self.sign](score.value * score.facts.scale, self.number)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs to list; an empty field wants all."""

    method: str = ""
    data: str = ""
    study: str = ""
    tags: Sequence[str] = ()
    states: Sequence[str] = ()
    thresholds: Sequence[Threshold] = ()


def choose_entries(entries: Sequence[Entry], wanted: Wanted) -> list[Entry]:
    """Return the entries that are wanted.

    Raises:
        ConfigError: no entry has this method, data set, study, tag or metric; or the state does not exist. The message
            lists what there is.
    """
    for state in wanted.states:
        choose("state", state, STATES)
    if not entries:
        return []
    study = wanted.study.replace("/", "_")
    asked = [("method", wanted.method, {entry.choices.get("method", "") for entry in entries})]
    asked += [("data", wanted.data, {entry.choices.get("data", "") for entry in entries})]
    asked += [("study", study, {name for entry in entries for name in entry.studies})]
    asked += [("tag", tag, {name for entry in entries for name in entry.notes.tags}) for tag in wanted.tags]
    for what, name, known in asked:
        if name:
            _expect(f"run has the {what}", name, known - {""})
    for threshold in wanted.thresholds:
        _expect("run has the metric", threshold.metric, {name for entry in entries for name in entry.metrics})
    return [
        entry
        for entry in entries
        if wanted.method in ("", entry.choices.get("method"))
        and wanted.data in ("", entry.choices.get("data"))
        and (not study or study in entry.studies)
        and set(wanted.tags) <= set(entry.notes.tags)
        and (not wanted.states or entry.state in wanted.states)
        and all(threshold.allows(entry) for threshold in wanted.thresholds)
    ]


def sort_entries(entries: Sequence[Entry], key: str, reverse: bool = False) -> list[Entry]:
    """Sort by one of KEYS, or by a metric with the best run first; runs without a value come last.

    Raises:
        ConfigError: no run has this metric.
    """
    if key in KEYS:
        have = [entry for entry in entries if _value(entry, key) not in ("", None)]
        ordered = sorted(have, key=lambda entry: _value(entry, key), reverse=reverse)
        return ordered + [entry for entry in entries if _value(entry, key) in ("", None)]
    have = [entry for entry in entries if key in entry.metrics]
    if entries and not have:
        _expect("run can be sorted by", key, {*KEYS, *(name for entry in entries for name in entry.metrics)})
    facts = have[0].metrics[key].facts if have else None
    falling = bool(facts and facts.higher_is_better) != reverse
    ranked = sorted(have, key=lambda entry: entry.metrics[key].value, reverse=falling)
    return ranked + [entry for entry in entries if key not in entry.metrics]


def _value(entry: Entry, key: str) -> Any:
    own = {"folder": str(entry.run.path), "state": STATES.index(entry.state), "seed": entry.seed}
    return ({"started": entry.started, **entry.choices} | own).get(key)


def _expect(what: str, name: str, known: set[str]) -> None:
    if name not in known:
        raise ConfigError(f"no {what} '{name}'; {nearest(name, sorted(known)) if known else 'there are none'}")
