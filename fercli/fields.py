"""The labels that are numbers. Each is declared here once; a store, a batch, tables and metrics take them from here.

To add one, write it into `NUMBERS` and into the three classes below, and raise `SCHEMA_VERSION`. The table reader then
reads it; other readers fill it (docs/how-to/own-label.md).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # readers have records and need no network library
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Number:
    """What one of them is.

    Attributes:
        low: smallest value that a data set may give; a row with a smaller one is left out.
        high: largest value.
        unit: empty where there is none.
        meaning: in a few words.
    """

    low: float
    high: float
    unit: str
    meaning: str


UNLABELLED = -1  # in place of a class or a sitting; numbers use NaN
SCHEMA_VERSION = 4  # of stores; raised with every change of their columns, see `fercli.datasets.store.SCHEMA`

NUMBERS = {
    "valence": Number(-1.0, 1.0, "", "how pleasant the expression is"),
    "arousal": Number(-1.0, 1.0, "", "how excited the expression is"),
    "score": Number(0.0, math.inf, "points", "severity, in points of the scale that the store records"),
    "age": Number(0.0, 120.0, "years", "age of the person"),
    "intensity": Number(0.0, math.inf, "", "how strong the expression is, on the scale of the data set"),
}
AFFECT = ("valence", "arousal")
TIME = Number(0.0, math.inf, "s", "from the start of the video")

# Field of a batch: the columns of a store that it is made of.
OF_BATCH = {"affect": AFFECT} | {name: (name,) for name in NUMBERS if name not in AFFECT}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNumbers:
    """Those of one record, None where the data set gives none."""

    valence: float | None = None
    arousal: float | None = None
    score: float | None = None
    age: float | None = None
    intensity: float | None = None


@dataclass(kw_only=True)
class BatchNumbers:
    """Those of a batch: `affect` (B, 2) is valence and arousal, each other one is (B,); NaN where a row has none."""

    affect: "Tensor | None" = None
    score: "Tensor | None" = None
    age: "Tensor | None" = None
    intensity: "Tensor | None" = None


@dataclass(frozen=True, kw_only=True)
class LabelNumbers:
    """Those of all N training samples, as in a batch, float64."""

    affect: np.ndarray
    score: np.ndarray
    age: np.ndarray
    intensity: np.ndarray


def joined(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The fields of a batch from the columns (n,) of a store: (n,), or (n, 2) for `affect`."""
    return {
        field: columns[names[0]] if len(names) == 1 else np.stack([columns[name] for name in names], axis=1)
        for field, names in OF_BATCH.items()
    }
