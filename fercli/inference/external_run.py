"""Evaluate predictions of others as a run: a folder with metrics, predictions and page, marked as external."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from fercli.config import Config, compose, instantiate, plain
from fercli.datasets.datamodule import FaceData
from fercli.datasets.groups import divisions, group_columns
from fercli.datasets.splits import Split, evaluation_split
from fercli.datasets.store import Store
from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.foreseen import label_columns
from fercli.engine.measurement import measure
from fercli.engine.protocol import SPLITS
from fercli.engine.screening import require_screening, screening_facts, training_recordings
from fercli.engine.twins import twins_within
from fercli.engine.votes import votes_columns
from fercli.errors import ConfigError, DataError, choose, printable
from fercli.files import write_text
from fercli.inference.external import External, left_out_rows, read_external
from fercli.metrics.metric import Metric
from fercli.protocol import NOT_SAID, SELECTIONS, Protocol
from fercli.runs.commit import commit
from fercli.runs.folder import RunFolder, write_json
from fercli.runs.predictions import write_predictions
from fercli.runs.provenance import provenance
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions
from fercli.spreadsheet import SpreadsheetWriter

# Fields that only those who made the predictions know, each with its question.
ASKED = {
    "method": "name of the method",
    "backbone": "network, such as resnet50",
    "crop": "where the face was cut out and how",
    "landmarks": "where landmarks came from; `none` without any",
    "pretraining": "`none`, `ImageNet`, `MS-Celeb-1M`, or other data",
    "selection": f"how the epoch was chosen: {', '.join(SELECTIONS)}",
    "criterion": "number by which the epoch was chosen, such as accuracy",
}
GROUPS_OF = {"probabilities": "expression", "predicted_valence": "affect", "predicted_score": "depression"}
SOFTER = 0.75  # share of a prediction that stays when it is mixed with equal probabilities


@dataclass(frozen=True)
class ExternalMethod:
    """What an evaluation reads of a method, for predictions without a network."""

    metrics: dict[str, Metric]
    head: None = None


@dataclass(frozen=True)
class Evaluated:
    """An evaluated file of predictions: as an evaluation of a run, and what was read."""

    run: EvaluatedRun
    external: External


def evaluate_external(
    file: Path,
    store: Store,
    split: str | None,
    said: Mapping[str, str],
    runs: Path,
    seed: int = 0,
    by: Sequence[str] | None = None,
    screening: ScreeningOptions = BANDS_OF_THE_SCALE,
) -> Evaluated:
    """Evaluate a file of predictions, and write its run folder.

    Args:
        said: fields of ASKED; a field that is missing is "not said".
        runs: folder of run folders.
        seed: of the training that made the predictions; several seeds of one method are averaged by tables.
        by: groups to compute the metrics for; None for those that the data set names.
        screening: of predicted scores. The training recordings are those of the store.

    Raises:
        ConfigError: an unknown field or way of selection; no scores to screen, or no such cut-off.
        DataError: the file cannot be read or matched, or carries no number that the store has labels for.
    """
    for name in said:
        choose("field of external predictions", name, ASKED)
    if said.get("selection", NOT_SAID):
        choose("selection", said["selection"], SELECTIONS)
    split = split or evaluation_split(store.splits)
    choose("split", split, store.splits, f" in {store.path}")
    external = read_external(file, store, split)
    groups = [group for column, group in GROUPS_OF.items() if column in external.columns]
    cfg = compose("train", [f"metrics=[{','.join(groups)}]"])
    columns = _columns(store, external)
    method = ExternalMethod(_metrics(cfg, store, columns, external.kind))
    require_screening(method, store, columns, screening)  # type: ignore[arg-type]
    twins = twins_within(store, external.rows, store.rows("train"))
    divided = divisions(store, method.metrics.values(), by)
    columns |= group_columns(store, external.rows, divided)
    evaluation = measure(method, columns, store.classes, split, twins, divided)  # type: ignore[arg-type]
    if not evaluation.metrics:
        raise DataError(
            f"{file} predicts {', '.join(external.columns)}, but {store.path} has no such labels in {split}"
        )
    result = _result(file, store, split, said, external, seed)
    result |= {"metrics": evaluation.metrics, "num_rows": len(evaluation.columns["id"])}
    result |= evaluation.document
    training = training_recordings(store, store.rows("train"), {})
    result |= screening_facts(method, store, evaluation.columns, training, screening)  # type: ignore[arg-type]
    run = _folder(runs, result)
    with run.lock():
        _require_same(run, external)
        kept = {name: plain(metric) for name, metric in cfg.metrics.items() if name in evaluation.metrics}
        choices = {"method": result["method"], "data": store.name, "backbone": result["backbone"]}
        write_text(run.config, _config(kept, store, choices, seed))
        write_json(
            run.path / "provenance.json", provenance({"fingerprint": store.fingerprint, "sha256": external.sha256})
        )
        write_predictions(run, evaluation.columns, evaluation.classes, split, evaluation.divisions)
        with (run.path / "left_out.csv").open("w", encoding="utf-8", newline="") as stream:
            SpreadsheetWriter(stream, ("name", "reason", "detail")).write(left_out_rows(external))
        run.finish(result)
    data = _data(store, external.rows, split)
    return Evaluated(EvaluatedRun(run, run.path, method, data, evaluation, result, None), external)  # type: ignore[arg-type]


def _config(metrics: Mapping[str, Any], store: Store, choices: dict[str, str], seed: int) -> str:
    """Return what the folder keeps as config.yaml: the metrics, by which `verify` computes the numbers again."""
    content = {"metrics": metrics, "store": str(store.path), "choices": choices, "seed": seed}
    return yaml.safe_dump(content, sort_keys=False)


def _columns(store: Store, external: External) -> dict[str, np.ndarray]:
    """Return the prediction table: labels of the store and predictions of others."""
    return label_columns(store, external.rows) | votes_columns(store, external.rows) | external.columns


def _metrics(cfg: Config, store: Store, columns: dict[str, np.ndarray], kind: str) -> dict[str, Metric]:
    """Return the metrics; without those that read a confidence, where only the class was given."""
    built = {name: instantiate(metric).for_data(store.classes, store.scale) for name, metric in cfg.metrics.items()}
    if kind != "class":
        return built
    sure = columns["probabilities"]
    softer = columns | {"probabilities": SOFTER * sure + (1 - SOFTER) / sure.shape[1]}
    return {
        name: metric
        for name, metric in built.items()
        if "probabilities" not in metric.reads
        or not metric.is_possible(columns)
        or np.isclose(metric(columns), metric(softer), equal_nan=True)
    }


def _result(
    file: Path, store: Store, split: str, said: Mapping[str, str], external: External, seed: int
) -> dict[str, Any]:
    """Return the content of `metrics.json` without its numbers."""
    facts = store.meta.get("protocol", {})
    protocol = Protocol(
        dataset=facts.get("dataset", store.name),
        version=facts.get("version", NOT_SAID),
        split=facts.get("splits", {}).get(split, SPLITS[split]),
        split_rule=facts.get("split_rule", NOT_SAID),
        labels=facts.get("labels", NOT_SAID),
        classes=facts.get("classes", str(len(store.classes)) if store.classes else NOT_SAID),
        aggregation="single",
        repeats="1",
    )
    protocol = replace(protocol, **{k: v for k, v in said.items() if k not in ("method", "backbone")})
    name = said.get("method") or file.stem
    content = {
        "method": printable(name),
        "backbone": printable(said.get("backbone") or "not said"),
        "data": store.identity,
        "protocol": asdict(protocol) | {"size": None, "budget": "full", "num_train_rows": None},
    }
    identity = hashlib.sha256(json.dumps([content, split], sort_keys=True).encode()).hexdigest()[:10]
    about = {
        "file": printable(file.name),
        "sha256": external.sha256,
        "kind": external.kind,
        "key": external.key,
        "unread": [printable(name) for name in external.unread],
        "left_out": external.counts,
    }
    return {"run_id": identity, "seed": seed, "external": about, "commit": commit()} | content


def _folder(runs: Path, result: dict[str, Any]) -> RunFolder:
    words = re.sub(r"[^A-Za-z0-9.-]+", "-", result["method"]).strip("-.")[:60] or "predictions"
    name = f"external_{words}_{result['data']['name']}_{result['run_id']}"
    return RunFolder(runs / name / f"seed{result['seed']}")


def _require_same(run: RunFolder, external: External) -> None:
    if run.finished and run.read_metrics().get("external", {}).get("sha256") != external.sha256:
        raise ConfigError(
            f"{run.path} holds other predictions of this method and protocol; give another --seed or method=<name>"
        )


def _data(store: Store, rows: np.ndarray, split: str) -> FaceData:
    """Return the data that figures read: the evaluated rows, and no training rows."""
    none = rows[:0]
    channels = store.meta.get("image", {}).get("channels", 3)
    return FaceData(store, Split(none, none, rows, split), lambda *_: none, batch_size=1, channels=channels)
