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
        per: `row`; `video`: the rows of each video become one before the metric is taken; `session`: so do then the
            videos of each sitting, by their mean.
        aggregation: of the predictions for the rows of a video, `mean` or `median`.
        videos: what the name of a video must end with for its rows to count, such as a task; empty for all rows.
        has_interval: whether resampling the rows shows how sure it is. Not where resampling moves it to one side, as it
            does a sum of absolute differences: their noise does not cancel, and the interval may miss the value.
    """

    function: Callable[..., float]
    reads: Sequence[str]
    per: str = "row"
    aggregation: str = "mean"
    has_interval: bool = True
    videos: str = ""

    def __post_init__(self) -> None:
        for value, choices in ((self.per, ("row", "video", "session")), (self.aggregation, tuple(AGGREGATIONS))):
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
        """The columns that it reads, without the rows that lack a label; by video or by sitting where it is."""
        known = self._counted(columns)
        values = tuple(columns[name][known] for name in self.reads)
        if self.per != "row" and "video" in columns:
            names = columns["video"][known]
            groups = np.array([f"row {i}" if name is None else f"video {name}" for i, name in enumerate(names)])
            first, values = self._merged(groups, values, AGGREGATIONS[self.aggregation])
            if self.per == "session":
                sittings = zip(groups[first], columns["session"][known][first], strict=True)
                groups = np.array([video if number < 0 else f"session {number}" for video, number in sittings])
                _, values = self._merged(groups, values, np.mean)
        if not all(np.isfinite(value).all() for value in values):
            raise RunError("expected finite predictions, found NaN: training has diverged; lower optimizer.lr")
        return values

    def _merged(
        self, groups: np.ndarray, values: tuple[np.ndarray, ...], aggregate: Callable[..., np.ndarray]
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """The first row of each group, and the columns with one row for each."""
        _, first, number = np.unique(groups, return_index=True, return_inverse=True)
        merged = []
        for name, value in zip(self.reads, values, strict=True):
            if name not in LABELS:
                merged.append(np.array([aggregate(value[number == group], axis=0) for group in range(len(first))]))
                continue
            if (differing := np.flatnonzero(value != value[first][number])).size:
                kind, _, found = groups[differing[0]].partition(" ")
                raise RunError(f"expected one {name} for each {kind}, found several for {found}")
            merged.append(value[first])
        return first, tuple(merged)

    def _counted(self, columns: Columns) -> np.ndarray:
        """(n,) bool: the rows of the videos asked for that carry every label."""
        known = known_rows(columns, self.reads)
        if self.videos:
            known &= [name is not None and name.endswith(self.videos) for name in columns["video"]]
        return known

    def is_possible(self, columns: Columns) -> bool:
        """Whether every column is there, and some row that counts carries every label."""
        needed = [*self.reads, *(["session"] if self.per == "session" else []), *(["video"] if self.videos else [])]
        return all(name in columns for name in needed) and bool(self._counted(columns).any())


def known_rows(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """(n,) bool: the rows that carry every label among these columns."""
    known = np.ones(len(columns[names[0]]), dtype=bool)
    for name in names:
        if name in LABELS:
            column = columns[name]
            known &= ~np.isnan(column) if column.dtype.kind == "f" else column >= 0
    return known
