"""A run that is evaluated on another store than its own: what must agree, and the protocol of its numbers."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from fercli.datasets.store import Store
from fercli.engine.joined import JoinedClasses
from fercli.engine.predictions import Evaluation
from fercli.errors import DataError
from fercli.methods.base import Method
from fercli.metrics.metric import Columns
from fercli.protocol import ELSEWHERE, Protocol
from fercli.runs.folder import RunFolder
from fercli.runs.recorded import recorded_protocol
from fercli.runs.scale import scale_of_run


def require_scale(method: Method, run: RunFolder, store: Store) -> None:
    """Make sure that scores of the store are of the scale that the run predicts.

    Raises:
        DataError: they are of another scale.
    """
    predicts = any("predicted_score" in metric.reads for metric in method.metrics.values())
    if predicts and store.scale != (scale := scale_of_run(run)):
        raise DataError(
            f"the run predicts scores of the {scale.range}; the scores in {store.path} are of the "
            f"{store.scale.range}: an error between two scales says nothing"
        )


def require_numbers(method: Method, columns: Columns, store: Store, split: str) -> None:
    """Make sure that the labels of the rows allow a metric of the run.

    Args:
        columns: labels and kinds of predictions of the rows.

    Raises:
        DataError: they allow none.
    """
    if not any(metric.is_possible(columns) for metric in method.metrics.values()):
        raise DataError(
            f"expected rows in split '{split}' of {store.path} with a label that the run predicts; found none, so "
            "that nothing can be measured"
        )


def facts_of_classes(joined: JoinedClasses, evaluation: Evaluation) -> dict[str, Any]:
    """Return `in_common` for `metrics.json`, for an evaluation on some classes only; nothing for others."""
    if evaluation.known is None:
        return {}
    unused = [name for name in joined.known if name not in joined.common]
    return {"in_common": {"classes": list(joined.common), "left_out": dict(evaluation.left_out), "unused": unused}}


def protocol_elsewhere(measured: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, str]:
    """Return the protocol of a run on another store, which names both data sets: of training and of evaluation.

    For a run of FER+ on RAF-DB, `dataset` is `FER+ to RAF-DB`. Where faces are cut out otherwise than in training,
    `crop` says both.

    Args:
        measured: `protocol` of the new evaluation, as if the run had been trained on this store.
        recorded: content of the run's own metrics.json.
    """
    here, own = Protocol.of(measured), recorded_protocol(recorded)
    same_crop = here.crop == own.crop
    crop = here.crop if same_crop or not own.crop else f"{here.crop}{ELSEWHERE}{own.crop}"
    dataset = here.dataset if here.dataset == own.dataset else f"{own.dataset} to {here.dataset}"
    if same_crop and here.dataset == own.dataset:
        dataset = f"{own.dataset} to another store of {here.dataset}"
    return asdict(replace(here, dataset=dataset, crop=crop))


def classes_in_words(joined: JoinedClasses, evaluation: Evaluation) -> str:
    """Return the number of classes of an evaluation where run and store have other classes.

    Examples:
        >>> joined = JoinedClasses(("fear", "anger", "contempt"), ("anger", "fear", "pain"))
        >>> classes_in_words(joined, Evaluation({}, {}, joined.common, "test"))
        '2'
        >>> classes_in_words(joined, Evaluation({}, {}, joined.all, "test"))
        '3; the network knows 3, 2 of them'
    """
    if evaluation.classes == joined.common:
        return str(len(joined.common))
    common = f", {len(joined.common)} of them" if len(joined.common) < len(joined.found) else ""
    return f"{len(joined.found)}; the network knows {len(joined.known)}{common}"
