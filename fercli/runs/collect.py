"""Finished runs as one table, and the run folders that it leaves out, with the reason."""

import errno
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.process import no_search_for_garbage
from fercli.protocol import FIELDS, TRIAL
from fercli.runs.folder import METRICS as METRICS_FILE
from fercli.runs.folder import RunFolder
from fercli.runs.metric_value import UNKNOWN, Score, score_of
from fercli.runs.recorded import recorded_protocol
from fercli.runs.state import run_state

TRAINING = ("size", "budget", "num_train_rows")  # keys of metrics.json besides the fields of a protocol
FACTS = (
    *("folder", "run_id", "seed", "method", "backbone", "data", "fingerprint", "num_rows", "commit", "seconds"),
    *("classifier", "classifier_about", "num_without_twins", "external", "diverged", "one_class"),
    *("num_folds", "joined_as"),
    *FIELDS,
    *TRAINING,
)
DAMAGED = "damaged or changed"  # reason for a run with files that are not what was written
METRICS = ("metric", "value", "low", "high", "apart", "units", "facts")
# Runs with equal values in all of these columns differ only in the seed. The number of training rows is not one of
# them: in a split that keeps subjects together, it depends on the seed.
EXPERIMENT = ["run_id", "classifier", "data", "fingerprint", "num_rows", *FIELDS, "size", "budget"]
_key = itemgetter("seed", *EXPERIMENT)
_fields = attrgetter(*FIELDS)


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
        runs: one row per run and metric, with the columns FACTS and METRICS. FACTS describe the run and contain the
            fields of its `Protocol`. In METRICS, `value` is as in `metrics.json` (fractions), `low` and `high` are its
            interval over `units` (NaN without one), and `facts` are the facts of the metric. `apart` is the value over
            the samples without a twin in training (NaN where no sample has a twin, or none was looked for).
        left_out: every other run folder, and metrics that are not finite or have no known facts.
    """

    runs: pd.DataFrame
    left_out: list[LeftOut]


def collect(runs: str | Path) -> Collection:
    """Collect every run folder `seed<k>` at any depth below `runs`, and the classifiers that were fitted to it.

    Only evaluations on the data of the run itself count. A folder that does not exist holds no runs.
    """
    folders = map(Path, sorted(run_folders(str(runs))))
    with no_search_for_garbage():
        found = read_runs(place for folder in folders for place in (folder, *_fitted(folder)))
    return _without_joined_folds(found)


def _without_joined_folds(found: Collection) -> Collection:
    """Leave out the runs of single folds whose cross-validation is in the table as well."""
    joined = found.runs.loc[found.runs["num_folds"].notna(), ["run_id", "seed", "classifier"]]
    known = set(joined.itertuples(index=False, name=None))
    keys = found.runs[["joined_as", "seed", "classifier"]].itertuples(index=False, name=None)
    is_joined = np.array([key in known for key in keys], dtype=bool)
    folders = found.runs.loc[is_joined, "folder"].unique()
    left_out = [LeftOut(Path(folder), "a fold", "its cross-validation has a row of its own") for folder in folders]
    return Collection(found.runs[~is_joined].reset_index(drop=True), [*found.left_out, *left_out])


def read_runs(folders: Iterable[Path]) -> Collection:
    """Read the runs in these folders, in this order; of several copies of a run, only the first."""
    facts: list[dict[str, Any]] = []
    scores: list[tuple[Any, ...]] = []
    left_out: list[LeftOut] = []
    seen: dict[tuple[Any, ...], Path] = {}
    for folder in folders:
        found = read_run(folder)
        if isinstance(found, LeftOut):
            left_out.append(found)
            continue
        fact, metrics = found
        key = _key(fact)
        if key in seen:
            left_out.append(LeftOut(folder, "a second copy of a run", f"same run and seed as {seen[key]}"))
            continue
        seen[key] = folder
        for score in metrics:
            if not math.isfinite(score.value):
                left_out.append(LeftOut(folder, "a metric that is not a number", score.metric))
            elif score.facts is None:
                left_out.append(LeftOut(folder, "a metric without unit and direction", f"{score.metric}: {UNKNOWN}"))
            else:
                ends = (score.low, score.high, score.apart, score.units)
                scores.append((len(facts), score.metric, score.value, *ends, score.facts))
        facts.append(fact)
    return Collection(_frame(facts, scores), left_out)


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per experiment and metric: its FACTS, and the numbers over its seeds.

    Columns: `value` (mean), `apart` (mean; NaN unless every run has it), `sd` (with n - 1; NaN for a single run), `n`
    (number of seeds), and the tuples `seeds`, `folders` and `commits`. `low` and `high` are the interval over samples
    of a single run, and NaN for several runs. The field `aggregation` of the protocol becomes `mean`, even for a single
    seed.
    """
    groups = runs.groupby([*EXPERIMENT, "metric"], sort=False, dropna=False)
    facts = [fact for fact in FACTS if fact not in ("seed", "folder", *EXPERIMENT)]
    table = groups.agg(
        **{name: (name, "first") for name in facts},
        value=("value", "mean"),
        low=("low", "first"),
        high=("high", "first"),
        apart=("apart", "mean"),
        units=("units", "first"),
        num_apart=("apart", "count"),
        facts=("facts", "first"),
        sd=("value", "std"),
        n=("value", "size"),
    ).reset_index()
    table["seeds"], table["folders"], commits = (_of_each(groups, runs[name]) for name in ("seed", "folder", "commit"))
    table["commits"] = [tuple(dict.fromkeys(name for name in each if isinstance(name, str))) for each in commits]
    table.loc[table["n"] > 1, ["low", "high"]] = np.nan
    table.loc[table.pop("num_apart") < table["n"], "apart"] = np.nan
    of_splits = table["num_folds"] == 1  # each seed has drawn a split of its own
    table.loc[of_splits, "repeats"] = table.loc[of_splits, "n"].astype(str)
    for name in ("seeds", "folders", "commits"):  # without runs, pandas gives them the type of numbers
        table[name] = table[name].astype(object)
    table["aggregation"] = "mean"
    names = [name for name in FACTS if name not in ("seed", "folder")]
    return table[[*names, *METRICS, "sd", "n", "seeds", "folders", "commits"]]


def _of_each(groups: Any, column: pd.Series) -> list[tuple[Any, ...]]:
    """Return the values of each group; pandas itself would build a series for each of them, and takes five times."""
    number = groups.ngroup().to_numpy()
    values = column.to_numpy()[np.argsort(number, kind="stable")].tolist()
    ends = np.cumsum(np.bincount(number)).tolist()
    return [tuple(values[start:end]) for start, end in pairwise([0, *ends])]


def run_folders(runs: str) -> Iterator[str]:
    """Find every run folder `seed<k>` at any depth, and walk into none: they hold many checkpoints and logs."""
    if re.fullmatch(r"seed\d+", Path(runs).name) and os.path.isdir(runs):  # one run
        yield runs
        return
    for path, names, _ in os.walk(runs):
        inside = [name for name in names if re.fullmatch(r"seed\d+", name)]
        yield from (os.path.join(path, name) for name in inside)
        names[:] = [name for name in names if name not in inside]


def _fitted(folder: Path) -> list[Path]:
    """Return the evaluations of classifiers that were fitted to a run, on its own data."""
    if not os.path.isdir(f"{folder}{os.sep}eval"):  # quicker than building a path, for thousands of runs
        return []
    try:
        fingerprint = RunFolder(folder).read_metrics()["data"]["fingerprint"]
    except Exception:  # `read_run` says what is wrong with this run
        return []
    return RunFolder(folder).evaluations_of_classifiers(str(fingerprint))


def read_run(folder: Path) -> tuple[dict[str, Any], list[Score]] | LeftOut:
    """Read the FACTS and the metrics of one run, or say why it cannot be used."""
    run = RunFolder(folder)
    try:
        content = run.read_metrics()
        facts = {"folder": str(folder), "seed": int(content["seed"])}
        facts |= {name: content[name] for name in ("run_id", "method", "backbone", "num_rows")}
        facts |= {"data": content["data"]["name"], "fingerprint": content["data"]["fingerprint"]}
        facts |= {name: content.get(name) for name in ("commit", "seconds", "diverged", "one_class")}
        fitted = content.get("classifier", {})
        facts |= {"classifier": fitted.get("key"), "classifier_about": fitted.get("about")}
        facts |= {name: content["protocol"].get(name) for name in TRAINING}
        protocol, path = recorded_protocol(content), f"{facts['folder']}/{METRICS_FILE}"
        facts |= zip(FIELDS, _fields(protocol), strict=True)  # `asdict` copies deeply: slow for many runs
        without = content.get("without_twins", {})
        about = content.get("external")  # of predictions of others
        facts |= {"num_without_twins": without.get("num_rows"), "external": about and str(about["file"])}
        facts |= _folds(content)
        apart = without.get("metrics", {})
        metrics = [score_of(name, score, apart.get(name, {}), path) for name, score in content["metrics"].items()]
    except FileNotFoundError:
        state = run_state(run)
        return LeftOut(folder, state.name, state.detail)
    except RunError as error:
        return LeftOut(folder, DAMAGED, str(error))
    except KeyError as error:
        return LeftOut(folder, "incomplete metrics.json", f"it lacks {error}")
    except Exception as error:  # a file from elsewhere may hold anything
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):  # it says nothing of this run
            raise
        return LeftOut(folder, "unreadable metrics.json", str(error))
    if protocol.options == TRIAL:
        return LeftOut(folder, TRIAL, "the search chose among such runs; fresh ones are reported")
    if outside := [score for score in metrics if not score.within_bounds]:
        return LeftOut(folder, "damaged metrics.json", outside[0].out_of_bounds)
    return (facts, metrics) if metrics else LeftOut(folder, "no metrics", f"{run.metrics.name} holds none")


def _folds(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return `num_folds` of a cross-validation, 1 for a random split; and for a single fold the run id `joined_as`."""
    if "cross_validation" in content:
        return {"num_folds": int(content["cross_validation"]["num_folds"]), "joined_as": None}
    joined = content.get("folds", {}).get("cross_validation")
    is_whole = joined is not None and joined == content["run_id"]  # a random split, which nothing is joined with
    return {"num_folds": 1 if is_whole else None, "joined_as": None if is_whole else joined}


def _frame(facts: list[dict[str, Any]], scores: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Build the table. The facts of a run are stored once until here, because they are equal for all its metrics."""
    columns = {name: [fact[name] for fact in facts] for name in FACTS}
    # As objects, because pandas strings cannot hold folder names that are not UTF-8.
    runs = pd.DataFrame(columns | {"folder": pd.Series(columns["folder"], dtype=object)})
    metrics = pd.DataFrame(scores, columns=["run", *METRICS])
    return runs.take(metrics.pop("run").to_numpy()).reset_index(drop=True).join(metrics)
