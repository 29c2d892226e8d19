"""Finished runs as one table, and what was left out of it with the reason."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fercli.runs.folder import RunFolder

PROTOCOL = ("split", "selection", "weights", "size", "num_classes", "budget", "num_train_rows")
FACTS = ("folder", "run_id", "seed", "method", "backbone", "data", "fingerprint", "num_rows", "commit", *PROTOCOL)
METRICS = ("metric", "value", "low", "high")
EXPERIMENT = ["run_id", "fingerprint", "split", "metric"]  # runs that differ in none of these differ in the seed only


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A run folder that tables cannot use. `reason` is a short phrase, so that folders can be counted by it."""

    folder: Path
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """What `collect` found.

    Attributes:
        runs: one row per run and metric: the columns FACTS (what the run is, under which protocol) and METRICS (`value`
            as in `metrics.json`: fractions; `low`, `high` its interval over samples, NaN where there is none).
        left_out: every other run folder.
    """

    runs: pd.DataFrame
    left_out: list[LeftOut]


def collect(runs: str | Path) -> Collection:
    """Every run folder `seed<k>` at any depth below `runs`; a folder that does not exist holds no runs."""
    rows: list[dict[str, Any]] = []
    left_out: list[LeftOut] = []
    seen: dict[tuple[str, int], Path] = {}
    for folder in sorted(path for path in Path(runs).rglob("seed*") if re.fullmatch(r"seed\d+", path.name)):
        found = _read(folder)
        if isinstance(found, LeftOut):
            left_out.append(found)
            continue
        key = (found[0]["run_id"], found[0]["seed"])
        if key in seen:
            left_out.append(LeftOut(folder, "a second copy of a run", f"same run and seed as {seen[key]}"))
            continue
        seen[key] = folder
        rows += found
    return Collection(pd.DataFrame(rows, columns=[*FACTS, *METRICS]), left_out)


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per experiment and metric: its FACTS, and the numbers over its seeds.

    Columns `value` (mean), `sd` (with n - 1; NaN for a single run), `n`, `seeds` and `folders` (tuples); `low` and
    `high`: the interval over samples of a single run, NaN for several, whose spread `sd` shows.
    """
    rows = []
    for _, group in runs.groupby(EXPERIMENT, sort=False):
        row = group.iloc[0].drop(["seed", "folder"]).to_dict()
        row |= {"value": group["value"].mean(), "sd": group["value"].std(ddof=1), "n": len(group)}
        row |= {"seeds": tuple(group["seed"]), "folders": tuple(group["folder"])}
        if len(group) > 1:
            row |= {"low": float("nan"), "high": float("nan")}
        rows.append(row)
    facts = [fact for fact in FACTS if fact not in ("seed", "folder")]
    return pd.DataFrame(rows, columns=[*facts, *METRICS, "sd", "n", "seeds", "folders"])


def _read(folder: Path) -> list[dict[str, Any]] | LeftOut:
    run = RunFolder(folder)
    if not run.finished:
        return LeftOut(folder, "unfinished", f"{run.metrics.name} is not there yet")
    try:
        content = json.loads(run.metrics.read_text())
        protocol = {name: content["protocol"].get(name) for name in PROTOCOL}
        facts = {"folder": str(folder), "seed": int(content["seed"])}
        facts |= {name: content[name] for name in ("run_id", "method", "backbone", "num_rows")}
        facts |= {"data": content["data"]["name"], "fingerprint": content["data"]["fingerprint"]}
        facts |= {"commit": content.get("commit")} | protocol
        return [
            facts
            | {"metric": metric, "value": float(score["value"])}
            | {end: float(score.get(end, "nan")) for end in ("low", "high")}
            for metric, score in content["metrics"].items()
        ] or LeftOut(folder, "no metrics", f"{run.metrics.name} holds none")
    except KeyError as error:
        return LeftOut(folder, "incomplete metrics.json", f"it lacks {error}")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        return LeftOut(folder, "unreadable metrics.json", str(error))
