"""The content of `metrics.json`: the facts about an evaluated run that tables need."""

from dataclasses import asdict
from typing import Any

import numpy as np

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.engine.predictions import Evaluation
from fercli.engine.protocol import measured_protocol
from fercli.engine.run_options import run_options
from fercli.methods.base import Method
from fercli.metrics.attention import attention_statistics
from fercli.metrics.constant import constant_predictors
from fercli.metrics.divergence import diverged, one_class
from fercli.metrics.metric import known_rows
from fercli.runs.commit import commit
from fercli.runs.folder import RunFolder
from fercli.scales import Scale


def summary(
    cfg: Config, run: RunFolder, data: FaceData, method: Method, evaluation: Evaluation, selection: str
) -> dict[str, Any]:
    """Return the identity, the protocol and the numbers of a run for tables.

    Args:
        selection: how the epoch was chosen, as `measured_protocol` takes it.
    """
    store, options = data.store, run_options(cfg)
    protocol = measured_protocol(cfg, store, evaluation.split, selection, method.objective.reads)
    found = {
        "run_id": run.run_id,
        "method": options.choices.method,
        "data": store.identity,
        "backbone": options.choices.backbone,
        "seed": options.seed,
        "protocol": asdict(protocol)
        | {
            "size": options.inputs.size,
            "budget": options.budget,
            "num_train_rows": len(data.split.train),
        },
        "metrics": evaluation.metrics,
        "num_rows": len(evaluation.columns["id"]),
        "commit": commit(),
        **({} if data.noise is None else {"noise": data.noise.facts(store)}),
        **evaluation.document,
    }
    return found | _attention(evaluation.columns)


def divergence_facts(evaluation: Evaluation, scale: Scale) -> dict[str, Any]:
    """Return the sentence about predictions of the network on its own data that show a failed training, if they do."""
    if said := diverged(evaluation.columns, scale):
        return {"diverged": said}
    said = one_class(evaluation.columns, evaluation.classes)
    return {"one_class": said} if said else {}


def training_scores(data: FaceData) -> dict[str, np.ndarray]:
    """Return columns `score` and `video` of the training rows."""
    rows = data.split.train
    return {name: data.store.column(name)[rows] for name in ("score", "video")}


def constant_facts(scores: dict[str, float], evaluated: dict[str, np.ndarray], method: Method) -> dict[str, Any]:
    """Return the metrics of predictors that give every recording one score; nothing for a method without scores.

    Args:
        scores: statistic of the training recordings (such as `mean`) to its score.
    """
    if not {"score", "predicted_score"} <= set(evaluated):
        return {}
    found = constant_predictors(scores, evaluated, method.metrics)
    return {"constant_predictor": {name: asdict(constant) for name, constant in found.items()}} if found else {}


def _attention(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return how large the attention weights are and how much they differ between classes, if the method has them."""
    if "attention" not in columns:
        return {}
    known = known_rows(columns, ["expression"])
    return {"attention": attention_statistics(columns["attention"][known], columns["expression"][known])}
