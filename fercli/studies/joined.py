"""A cross-validation as one result: the predictions of all its folds joined, in a run folder of its own.

The folder has the name that a run without `folds.fold` would have, `metrics.json`, `predictions.parquet` and
`config.yaml`, but no weights. Tables, figures and `fercli verify` read it like the folder of a run.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import yaml

from fercli.checksums import digest_of
from fercli.config import Config, instantiate, plain
from fercli.datasets.twins import KINDS
from fercli.engine.twins import TwinsInTraining
from fercli.errors import RunError
from fercli.files import write_text
from fercli.metrics.constant import SCORES, ConstantPredictor
from fercli.metrics.metric import Metric
from fercli.plain_yaml import read_yaml
from fercli.runs.folder import RunFolder, write_json
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.runs.provenance import read_provenance
from fercli.runs.scale import scale_of_run
from fercli.studies.cell import PlannedCell

SHARED = ("method", "backbone", "data")  # of metrics.json, equal in all folds


@dataclass(frozen=True, slots=True)
class Joined:
    """All folds of one row with one seed.

    Attributes:
        run: the folder of the cross-validation.
        result: where its joined numbers lie: the same folder, or that of a fitted classifier in it.
        cells: one for each fold, in their order.
    """

    label: str
    seed: int
    run: RunFolder
    result: RunFolder
    cells: tuple[PlannedCell, ...]

    @property
    def num_finished(self) -> int:
        """Number of folds that have finished."""
        return sum(cell.finished for cell in self.cells)


def join(one: Joined, config: Config) -> None:
    """Join the folds, unless this was done and no fold has changed since.

    Args:
        config: configuration of a training, with the definitions of its metrics.

    Raises:
        RunError: a fold is damaged, two folds have predicted one row, or their classes differ.
    """
    documents = [cell.result.read_metrics() for cell in one.cells]
    sums = [digest_of(cell.result.metrics) for cell in one.cells]
    if one.result.finished and one.result.read_metrics()["cross_validation"]["sha256"] == sums:
        return
    from fercli.engine.measurement import measure  # loads torch

    frame = _frame(one)
    classes = tuple(classes_of(frame))
    method = _Metrics(_metrics(documents, config, list(classes), one))
    columns = columns_of(frame)
    twins = TwinsInTraining(columns["has_twin"].astype(bool), _checked(documents)) if "has_twin" in columns else None
    by = tuple(documents[0].get("groups", {}).get("by", ()))
    found = measure(method, columns, classes, "folds", twins, by)  # type: ignore[arg-type]
    content = _document(one, documents, sums) | {"metrics": found.metrics, "num_rows": len(found.columns["id"])}
    content |= found.document
    metrics = {name: metric for name, metric in method.metrics.items() if name in found.metrics}
    pooled = {name: found.metrics[name]["value"] for name in metrics}
    content["cross_validation"]["is_mean"] = _are_means(
        metrics, columns, pooled, content["cross_validation"]["metrics"]
    )
    content |= _constants(one, documents, columns, metrics)
    with one.run.lock():
        one.result.path.mkdir(parents=True, exist_ok=True)
        config_of_first = read_yaml(one.cells[0].run.config)
        config_of_first["folds"]["fold"] = None
        config_of_first["metrics"] = {name: plain(config.metrics[name]) for name in metrics}  # for `fercli verify`
        write_text(one.run.config, yaml.safe_dump(config_of_first, sort_keys=False))
        origins = [read_provenance(cell.run.path) for cell in one.cells]
        parts = [part for origin in origins for part in (origin.get("parts") or [_part(origin)])]
        write_json(one.run.path / "provenance.json", origins[0] | {"parts": parts})
        frame.to_parquet(one.result.predictions)
        one.result.finish(content)


@dataclass(frozen=True)
class _Metrics:
    """What `measure` reads of a method."""

    metrics: dict[str, Metric]


def _checked(documents: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the kinds of twins that were looked for."""
    return tuple(documents[0].get("without_twins", {}).get("checked", KINDS[:2]))


def _frame(one: Joined) -> pd.DataFrame:
    """Return the predictions of all folds, a row for each sample, with its fold."""
    frames = [read_predictions(cell.result).assign(fold=cell.fold) for cell in one.cells]
    if len({tuple(classes_of(frame)) for frame in frames}) > 1:
        raise RunError(f"the folds of {one.run.path} have other classes; train them again")
    joined = pd.concat(frames, ignore_index=True).sort_values("id", ignore_index=True)
    if joined["id"].duplicated().any():
        raise RunError(f"two folds of {one.run.path} have predicted one row; train them again")
    for name in joined.columns[joined.isna().any()]:  # a column that some fold does not have
        if joined[name].dtype == object:
            joined[name] = joined[name].where(joined[name].notna(), None)
        elif name == "session":
            joined[name] = joined[name].fillna(-1).astype(np.int64)
    return joined


def _metrics(documents: list[dict[str, Any]], config: Config, classes: list[str], one: Joined) -> dict[str, Metric]:
    """Return the metrics of the folds that the configuration defines."""
    scale = scale_of_run(one.cells[0].run)
    names = dict.fromkeys(name for document in documents for name in document["metrics"] if name in config.metrics)
    return {name: instantiate(config.metrics[name]).for_data(classes, scale) for name in names}


def _document(one: Joined, documents: list[dict[str, Any]], sums: list[str]) -> dict[str, Any]:
    """Return the content of `metrics.json` without the joined numbers."""
    first = documents[0]
    counts = [cell.run.read_metrics()["folds"]["num_rows"] for cell in one.cells]
    protocol = first["protocol"] | {
        "split": f"all {len(documents)} folds",
        "repeats": str(len(documents)),
        "num_train_rows": round(float(np.mean([count["train"] for count in counts]))),
    }
    names = dict.fromkeys(name for document in documents for name in document["metrics"])
    values = {name: [document["metrics"].get(name, {}).get("value") for document in documents] for name in names}
    seconds = [document.get("seconds") for document in documents]
    commits = {document.get("commit") for document in documents}
    return (
        {name: first[name] for name in SHARED}
        | {"run_id": one.run.run_id, "seed": one.seed, "protocol": protocol}
        | {"commit": commits.pop() if len(commits) == 1 else None}
        | ({} if None in seconds else {"seconds": sum(one for one in seconds if one is not None)})
        | ({"classifier": first["classifier"]} if "classifier" in first else {})
        | {
            "cross_validation": {
                "num_folds": len(documents),
                "runs": [cell.result.path.parent.name for cell in one.cells],
                "sha256": sums,
                "names": [cell.run.read_metrics()["folds"]["name"] for cell in one.cells],
                "num_rows": counts,
                "metrics": values,
            }
        }
    )


def _are_means(
    metrics: Mapping[str, Metric],
    columns: Mapping[str, np.ndarray],
    pooled: Mapping[str, float],
    of_folds: Mapping[str, Sequence[float | None]],
) -> dict[str, bool]:
    """Return which pooled numbers are the mean of those of the folds, each weighted by its number of samples."""
    found = {}
    for name, metric in metrics.items():
        parts = [{key: column[columns["fold"] == fold] for key, column in columns.items()} for fold in _folds(columns)]
        weights = [len(metric.samples(part)) if metric.is_possible(part) else 0 for part in parts]
        values = [math.nan if value is None else value for value in of_folds[name]]
        found[name] = bool(np.isclose(np.average(values, weights=weights), pooled[name], rtol=1e-6))
    return found


def _folds(columns: Mapping[str, np.ndarray]) -> list[int]:
    return sorted({*columns["fold"].tolist()})


def _constants(
    one: Joined, documents: list[dict[str, Any]], columns: Mapping[str, np.ndarray], metrics: Mapping[str, Metric]
) -> dict[str, Any]:
    """Return the errors of the constants of the training scores: each fold predicts its own, for all of its rows."""
    if not all("constant_predictor" in document for document in documents):
        return {}
    errors = {name: m for name, m in metrics.items() if list(m.reads) == SCORES and not m.higher_is_better}
    found = {}
    for name in documents[0]["constant_predictor"]:
        scores = [document["constant_predictor"][name]["score"] for document in documents]
        of_fold = {cell.fold: score for cell, score in zip(one.cells, scores, strict=True)}
        predicted = dict(columns) | {"predicted_score": np.array([of_fold[fold] for fold in columns["fold"]])}
        found[name] = asdict(
            ConstantPredictor(float(np.mean(scores)), {key: error(predicted) for key, error in errors.items()})
        )
    return {"constant_predictor": found}


def _part(origin: dict[str, Any]) -> dict[str, Any]:
    return {name: origin.get(name) for name in ("started", "git", "hardware", "command")}
