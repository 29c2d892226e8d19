"""What the parts of a run need of one another and of its data, checked before anything trains."""

import warnings
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields

import numpy as np
import yaml
from torch import nn

from fercli.batch import FitsLabels, Labels
from fercli.catalog import CONF, choices
from fercli.datasets.datamodule import FaceData
from fercli.datasets.store import Store
from fercli.engine.predicted_columns import blank_prediction, columns_of
from fercli.engine.run_options import RunOptions
from fercli.errors import ConfigError, DataError, nearest
from fercli.fields import NUMBERS, OF_BATCH
from fercli.losses.reads import PREDICTED
from fercli.methods.base import Method
from fercli.methods.table import COLUMNS
from fercli.metrics.metric import LABELS

READ = (*COLUMNS, "seconds")  # what a metric may read: an evaluation adds the time of each sample if one asks for it
# The columns of a store that a label field of a batch is made of. The field is missing if one of them is missing.
COLUMNS_OF = {name: (name,) for name in ("expression", "votes", *NUMBERS)} | OF_BATCH


def require_labels(options: RunOptions, method: Method, data: FaceData) -> None:
    """Check the labels that the losses, the modules, and the metric that chooses the epoch read.

    Raises:
        DataError: none of the rows has them together.
        ConfigError: a module is fitted to labels, but does not name them rightly; or labels are noisy that nothing
            reads.
    """
    readers = [(f"loss '{name}'", term.reads) for name, term in method.objective.terms.items()]
    readers += [(type(m).__name__, _fits(m)) for m in method.modules() if hasattr(m, "fits") or hasattr(m, "fit")]
    _require(readers, data.store, data.split.train, "training")
    read = {name for _, names in readers for name in names}
    if data.noise is not None and not read & {"expression", "votes"}:
        raise ConfigError(
            f"noise={options.choices.noise} changes classes, and method={options.choices.method} reads none "
            f"({', '.join(sorted(read)) or 'no label'}); leave out noise="
        )
    if options.selection.chooses_epoch:
        monitor = options.selection.monitor
        chosen = [(f"selection.monitor={monitor}", method.metrics[monitor].reads)]
        _require(chosen, data.store, data.split.validation, "validation")


def require_predictions(options: RunOptions, method: Method, data: FaceData) -> None:
    """Check what the losses, and the metric that chooses the epoch, read of the predictions.

    Raises:
        ConfigError: the method does not predict it, or a metric reads a column that no table of predictions has.
    """
    chosen = options.choices
    for name, metric in method.metrics.items():
        for column in metric.reads:
            if column not in READ:
                raise ConfigError(f"metric '{name}' reads '{column}', which is no column; {nearest(column, READ)}")
    batch, prediction = blank_prediction(options.inputs, method)
    for name, term in method.objective.terms.items():
        for field in term.reads:
            if field in PREDICTED and getattr(prediction, field) is None:
                raise ConfigError(
                    f"loss '{name}' reads '{field}', which method={chosen.method} with head={chosen.head} "
                    f"does not produce; leave it out with ~loss.{name}, or choose a head that produces it"
                )
    if not options.selection.chooses_epoch:
        return
    monitor, predicted = options.selection.monitor, columns_of(batch, prediction)
    lacking = [name for name in method.metrics[monitor].reads if name not in (*predicted, *LABELS)]
    if lacking:
        rows = data.split.validation
        carried = [name for name in LABELS if _known(data.store, rows, name).any()]  # type: ignore[union-attr]
        raise ConfigError(
            f"selection.monitor={monitor} reads {' and '.join(map(repr, lacking))}, which method={chosen.method} "
            f"does not predict; {_monitors(method, {*predicted, *carried})}, or choose no epoch with selection=last"
        )


def check_boxes(options: RunOptions, store: Store) -> None:
    """Warn of scenes in which no face can be hidden, because no face was found.

    Raises:
        ConfigError: the configuration reads no scene.
        DataError: no row of the store has the box of a face.
    """
    if not options.inputs.context:
        raise ConfigError(
            "inputs.hide_face=true hides the face in its scene, but no scene is read; set inputs.context=true"
        )
    without = int(store.table.column("face_box").null_count)
    if without == len(store):
        raise DataError(
            f"{options.choices.method} reads scenes in which the face is hidden, but {store.path} has no box of any "
            "face: its images came as ready crops, or no face was found. Prepare whole images with a detector, or set "
            "inputs.hide_face=false, which changes the method"
        )
    if without:
        warnings.warn(
            f"no face is hidden in {without:,} of {len(store):,} scenes of {store.path}: none was found there",
            stacklevel=2,
        )


def _monitors(method: Method, columns: AbstractSet[str]) -> str:
    """Say which metrics can choose the epoch with these columns: metrics of this run, or else other metrics."""
    if fitting := [name for name, metric in method.metrics.items() if columns >= set(metric.reads)]:
        return f"it can be monitored by {', '.join(fitting)}"
    packaged = {name: yaml.safe_load((CONF / f"metrics/{name}.yaml").read_text()) for name in choices("metrics")}
    others = [
        f"metrics=[{name}] ({', '.join(metrics)})"
        for name, metrics in packaged.items()
        if all(columns >= set(metric["reads"]) for metric in metrics.values())
    ]
    return f"no metric of this run can be monitored, but those of {' or '.join(others)} can"


def _fits(module: nn.Module) -> Sequence[str]:
    """Return the labels that a module with `fit` or `fits` is fitted to."""
    name, labels = type(module).__name__, [field.name for field in fields(Labels)]
    if not isinstance(module, FitsLabels):
        has, lacks = ("fits", "fit(labels)") if hasattr(module, "fits") else ("fit(labels)", "fits")
        raise ConfigError(f"{name} has {has}, but no {lacks}: give it both, such as fits = ('expression',)")
    if isinstance(module.fits, str):
        raise ConfigError(f"expected {name}.fits as a tuple of names, such as ('{module.fits}',); found a text")
    for field in module.fits:
        if field not in labels:
            raise ConfigError(f"{name}.fits names '{field}', which is no label; {nearest(field, labels)}")
    return module.fits


def _require(readers: Sequence[tuple[str, Sequence[str]]], store: Store, rows: np.ndarray, kind: str) -> None:
    for reader, names in readers:
        known = {name: found for name in names if (found := _known(store, rows, name)) is not None}
        for name, found in known.items():
            if not found.any():
                raise DataError(f"{reader} reads '{name}', which no {kind} row of {store.path} carries")
        if known and not np.logical_and.reduce([*known.values()]).any():
            together = " and ".join(f"'{name}'" for name in known)
            raise DataError(f"{reader} reads {together}, which no {kind} row of {store.path} carries together")


def _known(store: Store, rows: np.ndarray, field: str) -> np.ndarray | None:
    """Return which rows carry a label, (n,) bool; None for a field that is no label of a store."""
    if field in COLUMNS_OF:
        labels = store.table.select(COLUMNS_OF[field]).take(rows)
        return np.logical_and.reduce([column.is_valid().to_numpy() for column in labels.columns])
    if field in ("landmarks", "mask"):
        return store.has_landmarks[rows]
    return store.sessions[rows] >= 0 if field == "session" else None
