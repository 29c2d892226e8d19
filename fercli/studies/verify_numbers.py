"""Compute the numbers of a run again from its predictions."""

import math
from collections.abc import Iterator

from fercli.config import foreign_parts, instantiate, load
from fercli.errors import FercliError, RunError, printable, reading
from fercli.intervals import in_words, recorded_units
from fercli.metrics.groups import recorded_values
from fercli.metrics.metric import Metric
from fercli.own_code import naming_own_code
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.runs.scale import scale_of_run
from fercli.studies.finding import Finding

SAME = 1e-6  # relative tolerance: another CPU computes a slightly different metric from the same predictions


def wrong_numbers(run: RunFolder, trust: bool) -> Iterator[Finding]:
    """Recompute each metric of a run from its predictions; skip metrics that need columns that are not stored."""
    config = run.config if run.config.is_file() else run.path.parents[1] / run.config.name  # of an evaluation
    try:
        says, metrics = run.read_metrics(), load(config, trust=True).metrics  # each is checked below
        frame = read_predictions(run)
        scale = scale_of_run(run)
        with reading(run.predictions, "the predictions of a run", error=RunError):
            classes, columns = classes_of(frame), columns_of(frame)
            recorded = {str(name): float(score["value"]) for name, score in says["metrics"].items()}
            apart = says.get("without_twins", {}).get("metrics", {})
            recorded_apart = {str(name): float(score["value"]) for name, score in apart.items()}
            drawn = {str(name): recorded_units(score, str(run.metrics)) for name, score in says["metrics"].items()}
            kept = {name: column[~columns["has_twin"]] for name, column in columns.items()} if apart else {}
            groups = recorded_values(says.get("groups", {"by": {}}), columns)
    except FercliError as error:
        yield Finding(run.predictions, "damaged", str(error))
        return
    for name, value in recorded.items():
        if name not in metrics:
            yield Finding(run.metrics, "another number", f"{printable(name)} is no metric of its config.yaml")
            continue
        if not trust and (foreign := foreign_parts(metrics[name])):
            detail = f"{name} is code outside of fercli ({', '.join(foreign)}); if you know it, give --trust-config"
            yield Finding(run.metrics, "not checked", detail)
            continue
        try:
            with naming_own_code():
                metric: Metric = instantiate(metrics[name]).for_data(classes, scale)
                if not metric.is_possible(columns):
                    continue
                pairs = [(name, value, metric(columns))]
                if drawn[name] and drawn[name] != (units := metric.units(columns).counts):
                    detail = f"it says that the interval of {name} is over {in_words(drawn[name])}"
                    yield Finding(run.metrics, "another number", f"{detail}; its predictions are of {in_words(units)}")
                if name in recorded_apart and metric.is_possible(kept):
                    pairs.append((f"{name} without twins", recorded_apart[name], metric(kept)))
                pairs += [
                    (f"{name} of {what}", then[name], metric(rows)) for what, then, rows in groups if name in then
                ]
        except FercliError as error:
            yield Finding(run.metrics, "another number", f"{name} cannot be computed: {error}")
            continue
        for what, then, now in pairs:
            if not (math.isclose(then, now, rel_tol=SAME, abs_tol=1e-12) or (math.isnan(then) and math.isnan(now))):
                detail = f"it says {what} {then:.6g}; its predictions give {now:.6g}"
                yield Finding(run.metrics, "another number", detail)
