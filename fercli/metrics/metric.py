"""A number from columns of predictions, which says which columns it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fercli.errors import ConfigError, RunError, nearest

# Columns in which -1 (of whole numbers) and NaN mean unknown.
LABELS = ("expression", "valence", "arousal", "score", "age")

AGGREGATIONS: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "median": np.median}

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A metric of a whole split: a mean over batches would be another number.

    Attributes:
        function: called with the columns in the order of `reads`, gives a float.
        reads: names of columns of the prediction table; rows that lack one of the labels among them do not count.
        per: `row`, or `video`: the rows of each video become one before the metric is taken.
        aggregation: of the predictions for the rows of a video, `mean` or `median`.
    """

    function: Callable[..., float]
    reads: Sequence[str]
    per: str = "row"
    aggregation: str = "mean"

    def __post_init__(self) -> None:
        for value, choices in ((self.per, ("row", "video")), (self.aggregation, tuple(AGGREGATIONS))):
            if value not in choices:
                raise ConfigError(f"no choice of a metric named '{value}'; {nearest(value, choices)}")

    def __call__(self, columns: Columns) -> float:
        """The value over all rows that carry the labels; NaN without any.

        Raises:
            RunError: a prediction is not a finite number.
        """
        rows = self.rows(columns)
        return float(self.function(*rows)) if len(rows[0]) else float("nan")

    def rows(self, columns: Columns) -> tuple[np.ndarray, ...]:
        """The columns that it reads, without the rows that lack a label; by video where it is."""
        known = known_rows(columns, self.reads)
        values = tuple(columns[name][known] for name in self.reads)
        if self.per == "video" and "video" in columns:
            values = self._by_video(columns["video"][known], values)
        if not all(np.isfinite(value).all() for value in values):
            raise RunError("expected finite predictions, found NaN: training has diverged; lower optimizer.lr")
        return values

    def _by_video(self, videos: np.ndarray, values: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        names = [f"row {i}" if video is None else f"video {video}" for i, video in enumerate(videos)]
        _, first, number = np.unique(names, return_index=True, return_inverse=True)
        merged = []
        for name, value in zip(self.reads, values, strict=True):
            if name not in LABELS:
                rows = [value[number == video] for video in range(len(first))]
                merged.append(np.array([AGGREGATIONS[self.aggregation](part, axis=0) for part in rows]))
                continue
            if (differing := np.flatnonzero(value != value[first][number])).size:
                raise RunError(f"expected one {name} for each video, found several for {videos[differing[0]]}")
            merged.append(value[first])
        return tuple(merged)

    def is_possible(self, columns: Columns) -> bool:
        """Whether every column is there, and some row carries every label."""
        return all(name in columns for name in self.reads) and bool(known_rows(columns, self.reads).any())


def known_rows(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """(n,) bool: the rows that carry every label among these columns."""
    known = np.ones(len(columns[names[0]]), dtype=bool)
    for name in names:
        if name in LABELS:
            column = columns[name]
            known &= ~np.isnan(column) if column.dtype.kind == "f" else column >= 0
    return known
