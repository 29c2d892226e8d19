"""One number of a run with its interval, as its metrics.json records it."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from fercli.facts import KEYS, Facts, packaged_facts
from fercli.intervals import Counts, recorded_units

NO_UNITS: Counts = {}
NAN = math.nan
UNKNOWN = "neither its metrics.json nor a yaml of fercli says its unit and direction; train this run again"


class Score(NamedTuple):  # of all classes with names this is the quickest to make; tables of many runs make a million
    """One metric of a `metrics.json`.

    Attributes:
        apart: the value over the samples without a twin in training; NaN where there is none.
        units: what the interval is over, by kind; empty where the file does not say.
        facts: None where neither this file nor fercli defines the metric.
    """

    metric: str
    value: float
    low: float
    high: float
    apart: float
    units: Counts
    facts: Facts | None

    @property
    def within_bounds(self) -> bool:
        """Whether the value and its interval lie within the bounds of the metric."""
        return self.facts is None or self.facts.allows(self.value, self.low, self.high, self.apart)

    @property
    def out_of_bounds(self) -> str:
        """The value and its bounds as a sentence."""
        assert self.facts is not None
        return f"{self.metric} is {self.value:g} [{self.low:g}, {self.high:g}]; expected {self.facts.range}"


def score_of(name: str, score: Mapping[str, Any], apart: Mapping[str, Any], path: str) -> Score:
    """Read one metric of a `metrics.json`. Old files hold no facts of their metrics; they come from fercli's yaml.

    Args:
        apart: its entry over the samples without a twin in training; empty where there is none.
    """
    get = score.get
    low, high = float(get("low", NAN)), float(get("high", NAN))
    units = recorded_units(score, f"{path}: metric '{name}'") if "units" in score else NO_UNITS
    return Score(
        name, float(score["value"]), low, high, float(apart.get("value", NAN)), units, _facts(score, path, name)
    )


def _facts(score: Mapping[str, Any], path: str, name: str) -> Facts | None:
    try:
        return _shared(score["label"], score["unit"], score["higher_is_better"], score["decimals"], *score["bounds"])
    except Exception:  # it lacks facts, or Facts.of says what is wrong with them
        is_old = not any(key in score for key in KEYS)
        return packaged_facts().get(name) if is_old else Facts.of(score, f"{path}: metric '{name}'")


@lru_cache(maxsize=1000, typed=True)
def _shared(label: str, unit: str, higher: bool, decimals: int, low: float | None, high: float | None) -> Facts:
    """Return one shared object for equal facts: a hundred thousand runs would check and keep a million of them."""
    return Facts.of(dict(zip(KEYS, (label, unit, higher, decimals, [low, high]), strict=True)), "")
