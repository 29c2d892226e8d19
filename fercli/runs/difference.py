"""What differs between two finished runs: options, data, protocol, numbers, predictions and curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fercli.errors import RunError, printable, reading
from fercli.facts import Facts
from fercli.plain_yaml import read_yaml
from fercli.protocol import FIELDS
from fercli.runs.collect import LeftOut, read_run
from fercli.runs.folder import PUT_BACK, RunFolder, read_history
from fercli.runs.hardware import hardware_in_words
from fercli.runs.metric_value import Score
from fercli.runs.predictions import read_predictions
from fercli.runs.provenance import read_provenance

DERIVED = ("sizes", "runs")  # options that follow from others, or say only where a run lies
OF_DATA = ("data", "fingerprint", "num_rows", "num_train_rows", "size", "budget", *FIELDS)
ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Pair:
    """One fact of two runs that differs, as text; ABSENT where a run does not have it."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Number:
    """One metric of two runs, as computed; None where a run does not have it. `difference` is second minus first."""

    metric: str
    facts: Facts
    first: Score | None
    second: Score | None
    difference: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One column of `history.csv` of two runs: the last values, and the first epoch (from 1) at which they differ."""

    name: str
    first: float | None
    second: float | None
    differs_from: int | None


@dataclass(frozen=True, slots=True)
class RunDifference:
    """What differs between two runs; `predictions` is a sentence."""

    options: list[Pair]
    data: list[Pair]
    origin: list[Pair]
    numbers: list[Number]
    predictions: str
    curves: list[Curve]


def compare_runs(first: RunFolder, second: RunFolder) -> RunDifference:
    """Compare two finished runs.

    Raises:
        RunError: one of them is not finished, or damaged.
        ConfigError: a configuration cannot be read.
    """
    (one, scores), (other, others) = _read(first), _read(second)
    configs = [_given(read_yaml(run.config)) for run in (first, second)]
    data = _pairs(*({name: fact[name] for name in OF_DATA} for fact in (one, other)))
    same_samples = all(one[key] == other[key] for key in ("fingerprint", "num_rows", "split"))
    return RunDifference(
        options=_pairs(*configs),
        data=data,
        origin=_pairs(_origin(first, one), _origin(second, other)),
        numbers=_numbers(scores, others, same_samples),
        predictions=_predictions(first, second),
        curves=_curves(read_history(first), read_history(second)),
    )


def _read(run: RunFolder) -> tuple[dict[str, Any], dict[str, Score]]:
    run.require_sound(run.config)
    found = read_run(run.path)
    if isinstance(found, LeftOut):
        raise RunError(f"{run.path} cannot be compared: {found.reason}{f', {found.detail}' if found.detail else ''}")
    return found[0], {score.metric: score for score in found[1] if score.facts is not None}


def _given(content: Mapping[str, Any]) -> dict[str, Any]:
    return flat({key: value for key, value in content.items() if key not in DERIVED})


def flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested mappings by the dotted path of their keys; an empty mapping is a value.

    Args:
        content: plain dictionaries.
        prefix: start of every path.
    """
    found: dict[str, Any] = {}
    for key, value in content.items():
        inside = isinstance(value, Mapping) and value
        found |= flat(value, f"{prefix}{key}.") if inside else {f"{prefix}{key}": value}
    return found


def _pairs(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Pair]:
    names = dict.fromkeys([*one, *other])
    texts = [(name, _text(one, name), _text(other, name)) for name in names]
    return [Pair(name, first, second) for name, first, second in texts if first != second]


def _text(content: Mapping[str, Any], name: str) -> str:
    if name not in content:
        return ABSENT
    return "null" if content[name] is None else printable(str(content[name]))


def _origin(run: RunFolder, facts: Mapping[str, Any]) -> dict[str, Any]:
    with reading(run.path / "provenance.json", "where a run comes from", error=RunError, remedy=PUT_BACK):
        found = read_provenance(run.path)
        versions = {str(name): version for name, version in found.get("versions", {}).items()}
        return {"commit": facts["commit"], "hardware": hardware_in_words(found), **versions}


def _numbers(one: Mapping[str, Score], other: Mapping[str, Score], same_samples: bool) -> list[Number]:
    numbers = []
    for name in dict.fromkeys([*one, *other]):
        first, second = one.get(name), other.get(name)
        facts = (first or second).facts  # type: ignore[union-attr]  # one of them has it
        assert facts is not None
        difference = second.value - first.value if first and second and same_samples else None
        numbers.append(Number(name, facts, first, second, difference))
    return numbers


def _predictions(first: RunFolder, second: RunFolder) -> str:
    """Say for how many samples the predictions differ."""
    try:
        one, other = read_predictions(first), read_predictions(second)
    except RunError as error:
        return f"The predictions cannot be compared: {error}"
    if not one["id"].equals(other["id"]):
        return "The runs were evaluated on different samples, so no differences are given."
    column = next((name for name in ("predicted", "predicted_score", "predicted_valence") if name in one), None)
    if column is None or column not in other:
        return "The runs predict different labels."
    differ = int((one[column].to_numpy() != other[column].to_numpy()).sum())
    what = "predicted class" if column == "predicted" else column.replace("_", " ")
    return f"The {what} differs for {differ:,} of {len(one):,} samples."


def _curves(one: pd.DataFrame | None, other: pd.DataFrame | None) -> list[Curve]:
    histories = [frame if frame is not None else pd.DataFrame() for frame in (one, other)]
    names = [name for name in dict.fromkeys([*histories[0], *histories[1]]) if name not in ("seconds", "step")]
    curves = []
    for name in names:
        values = [frame[name].to_numpy() if name in frame else np.empty(0) for frame in histories]
        shared = min(map(len, values))
        unequal = np.flatnonzero(~_same(values[0][:shared], values[1][:shared]))
        lengths_differ = len(values[0]) != len(values[1])
        first = int(unequal[0]) + 1 if len(unequal) else shared + 1 if lengths_differ else None
        last = [float(found[-1]) if len(found) else None for found in values]
        curves.append(Curve(str(name), last[0], last[1], first))
    return curves


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))
