"""The column of a metric, from the facts of the metric; all tables and figures get it here."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fercli.errors import ConfigError, RunError, nearest
from fercli.facts import Facts, packaged_facts
from fercli.tables.table import Column

KnownFacts = Mapping[str, Facts]


def metric_column(metric: str, facts: KnownFacts | None = None) -> Column:
    """Return the column of a metric.

    Args:
        metric: name of the metric.
        facts: facts of the metrics of some runs, by name; None for published numbers, with metrics of fercli itself.

    Raises:
        ConfigError: the metric has no known facts; a direction is never guessed.
    """
    known = packaged_facts() if facts is None else facts
    if metric not in known:
        raise ConfigError(f"nothing says unit and direction of the metric '{metric}'; {nearest(metric, sorted(known))}")
    found = known[metric]
    return Column(metric, found.label, found.unit, higher_is_better=found.higher_is_better, decimals=found.decimals)


def measured(metric: str, value: float, facts: KnownFacts | None = None) -> float:
    """Convert a value of `metrics.json`, where accuracies are fractions, to the unit of the metric's column."""
    metric_column(metric, facts)
    return (packaged_facts() if facts is None else facts)[metric].scale * value


def facts_of_runs(runs: pd.DataFrame, others: KnownFacts | None = None) -> dict[str, Facts]:
    """Return the facts of the metrics of runs, by name; labels and decimals are those of the first run.

    Args:
        runs: result of `fercli.runs.collect`.
        others: facts that the runs must agree with; metrics without a run take their facts from here.

    Raises:
        RunError: two runs, or a run and `others`, define a metric differently: their numbers are not comparable.
    """
    found = dict(others or {})
    origin = dict.fromkeys(found, "its yaml")
    for metric, folder, facts in _each(runs):
        if metric in found and _meaning(found[metric]) != _meaning(facts):
            raise RunError(
                f"two metrics are named '{metric}': {origin[metric]} says {_words(found[metric])}, and {folder} says "
                f"{_words(facts)}; rename one of them and train again, or keep these runs in folders of their own"
            )
        if origin.get(metric) in (None, "its yaml"):
            found[metric], origin[metric] = facts, folder
    return found


def _each(runs: pd.DataFrame) -> Iterable[tuple[str, str, Facts]]:
    """Return metric, folder and facts for each different pair of metric and facts, from the first run that has it."""
    once = runs.drop_duplicates(["metric", "facts"])
    folders = once["folder"] if "folder" in once else once["folders"].str[0]
    return zip(once["metric"], folders, once["facts"], strict=True)


def _meaning(facts: Facts) -> tuple[str, bool]:
    return facts.unit, facts.higher_is_better


def _words(facts: Facts) -> str:
    return f"that {'higher' if facts.higher_is_better else 'lower'} is better, in {facts.unit or 'no unit'}"
