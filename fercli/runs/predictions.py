"""`predictions.parquet` of a run: written from the columns of a prediction table, and read back into columns."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import numpy as np
import pandas as pd

from fercli.errors import RunError, reading
from fercli.fields import NUMBERS, UNLABELLED
from fercli.files import write_whole
from fercli.records import GROUPS
from fercli.runs.folder import RunFolder

PROBABILITY = "prob_"
# Columns that are stored as they are.
COPIED = (
    *NUMBERS,
    *("predicted_valence", "predicted_arousal", "predicted_score", "regressed_score", "binned_score"),
    *("subject", "video", "session", "seconds", "has_twin"),
    *GROUPS,
)


def write_predictions(
    run: RunFolder, columns: Mapping[str, np.ndarray], classes: Sequence[str], split: str, also: Sequence[str] = ()
) -> None:
    """Write one row per sample: id, split, labels, predictions, class probabilities; the feature only if it is 2-d.

    Args:
        columns: columns of a prediction table, (n, ...); `expression` is the class index.
        classes: names in the order of the probabilities.
        split: name of the split of these samples.
        also: further columns that are stored as they are.
    """
    names = np.array([*classes, None], dtype=object)
    frame = pd.DataFrame({"id": columns["id"], "split": split, "expression": names[columns["expression"]]})
    if "probabilities" in columns:
        frame["predicted"] = names[columns["probabilities"].argmax(1)]
        for i, name in enumerate(classes):
            frame[f"{PROBABILITY}{name}"] = columns["probabilities"][:, i]
    for name in (*COPIED, *also):
        if name in columns and any(value is not None for value in columns[name]):  # images have no video
            frame[name] = columns[name]
    if "score_probabilities" in columns:
        frame["score_probabilities"] = list(columns["score_probabilities"])
    if "feature" in columns and columns["feature"].shape[1] == 2:
        frame[["feature_0", "feature_1"]] = columns["feature"]
    write_whole(run.predictions, frame.to_parquet(None))


def read_predictions(run: RunFolder) -> pd.DataFrame:
    """Read `predictions.parquet` of a finished run, one row per sample, sorted by id.

    Raises:
        RunError: it is missing or damaged.
    """
    run.require_sound(run.predictions)
    with reading(run.predictions, "the predictions of a run", error=RunError, remedy="train this run again"):
        return pd.read_parquet(BytesIO(run.predictions.read_bytes())).sort_values("id", ignore_index=True)


def classes_of(frame: pd.DataFrame) -> list[str]:
    """Return the names of the classes, in the order of the probabilities."""
    return [name.removeprefix(PROBABILITY) for name in frame.columns if name.startswith(PROBABILITY)]


def columns_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the columns that metrics read: classes as index, probabilities (n, K), all others as they were written."""
    classes = classes_of(frame)
    columns: dict[str, np.ndarray] = {
        name: _as_written(frame[name]) for name in frame.columns if not name.startswith(PROBABILITY)
    }
    if "score_probabilities" in columns:
        columns["score_probabilities"] = np.stack(list(columns["score_probabilities"]))
    index = {name: i for i, name in enumerate(classes)}
    columns["expression"] = frame["expression"].map(index).fillna(UNLABELLED).to_numpy(dtype=np.int64)
    if classes:
        columns["probabilities"] = frame[[PROBABILITY + name for name in classes]].to_numpy()
    return columns


def _as_written(column: pd.Series) -> np.ndarray:
    """Return the values; None for a text that is missing, where pandas has NaN."""
    if not pd.api.types.is_string_dtype(column):
        return column.to_numpy()
    return column.astype(object).where(column.notna(), None).to_numpy()
