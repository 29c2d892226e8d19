"""A metric: a number from columns of predictions, with the names of the columns that it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import Parameter, signature
from typing import Any, Self

import numpy as np

from fercli.calls import require_arguments
from fercli.errors import ConfigError, RunError, choose
from fercli.facts import KEYS, Facts
from fercli.fields import NUMBERS
from fercli.metrics.cells import Cells
from fercli.metrics.counts import from_counts
from fercli.metrics.units import Units, units_of
from fercli.scales import Scale

# Columns in which -1 (whole numbers) or NaN (other numbers) means unknown.
LABELS = ("expression", *NUMBERS)
OF_DATA = ("classes", "severity_scale")  # arguments of functions that the data set fills in

AGGREGATIONS: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "median": np.median}

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class LabelledRows:
    """Which rows of the prediction table count, and how they are merged.

    Attributes:
        reads: names of columns of the prediction table; rows without one of the labels among them do not count.
        per: `row`: no merging; `video`: the rows of each video become one row; `session`: in addition, the videos of
            each sitting become one row, by their mean.
        aggregation: how the predictions for the rows of a video are merged, `mean` or `median`.
        videos: only rows of videos with names that end in this text count, for example a task; empty for all rows.
    """

    reads: Sequence[str]
    per: str = "row"
    aggregation: str = "mean"
    videos: str = ""

    def __post_init__(self) -> None:
        for value, choices in ((self.per, ("row", "video", "session")), (self.aggregation, tuple(AGGREGATIONS))):
            choose("choice of a metric", value, choices)

    def rows(self, columns: Columns) -> tuple[np.ndarray, ...]:
        """Return the columns in `reads`, without rows that lack a label; merged by video or sitting as `per` says."""
        return self._merged_rows(columns)[2]

    def samples(self, columns: Columns) -> np.ndarray:
        """(n,) name of each of `rows`: the id of a row, or the video or sitting of a merged row."""
        return self._merged_rows(columns)[1]

    def units(self, columns: Columns) -> Units:
        """Return the independent unit of each of `rows`, for resampling: the person, else the video, else the row.

        A merged row is of the person of its first row; without one, of its sitting or video.
        """
        return units_of(columns, self._merged_rows(columns)[0])

    def _merged_rows(self, columns: Columns) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
        """Return of each row that counts, after merging: number of its first row in the table, name, and values."""
        known = self._counted(columns)
        places = np.flatnonzero(known)
        values = tuple(columns[name][known] for name in self.reads)
        names = columns["id"][known] if "id" in columns else places
        if self.per != "row" and "video" in columns:
            videos = zip(names, columns["video"][known], strict=True)
            groups = np.array([f"row {row}" if video is None else f"video {video}" for row, video in videos])
            first, values = self._merged(groups, values, AGGREGATIONS[self.aggregation])
            names, places = groups[first], places[first]
            if self.per == "session":
                sittings = zip(names, columns["session"][places], strict=True)
                groups = np.array([video if number < 0 else f"session {number}" for video, number in sittings])
                first, values = self._merged(groups, values, np.mean)
                names, places = groups[first], places[first]
        if not all(np.isfinite(value).all() for value in values):
            raise RunError("expected finite predictions, found NaN: training has diverged; lower optimizer.lr")
        return places, names, values

    def _merged(
        self, groups: np.ndarray, values: tuple[np.ndarray, ...], aggregate: Callable[..., np.ndarray]
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Return the index of the first row of each group, and the columns with one row per group."""
        _, first, number = np.unique(groups, return_index=True, return_inverse=True)
        order = np.argsort(number, kind="stable")  # rows of a group side by side, in their order
        ends = np.cumsum(np.bincount(number))[:-1]
        merged = []
        for name, value in zip(self.reads, values, strict=True):
            if name not in LABELS:
                merged.append(np.array([aggregate(part, axis=0) for part in np.split(value[order], ends)]))
                continue
            if (differing := np.flatnonzero(value != value[first][number])).size:
                kind, _, found = groups[differing[0]].partition(" ")
                raise RunError(f"expected one {name} for each {kind}, found several for {found}")
            merged.append(value[first])
        return first, tuple(merged)

    def _counted(self, columns: Columns) -> np.ndarray:
        """(n,) bool: the rows that have every label and belong to the wanted videos."""
        known = known_rows(columns, self.reads)
        if self.videos:
            known &= [name is not None and name.endswith(self.videos) for name in columns["video"]]
        return known

    def is_possible(self, columns: Columns) -> bool:
        """Return whether all needed columns exist, and at least one row counts."""
        return not self.lack(columns)

    def lack(self, columns: Columns) -> str:
        """Return why there is no value: which needed column is missing, or which labels no row has; empty if none."""
        needed = [*self.reads, *(["session"] if self.per == "session" else []), *(["video"] if self.videos else [])]
        missing = [name for name in dict.fromkeys(needed) if name not in columns]
        if missing:
            of_data = [name for name in missing if name in (*LABELS, "session", "video", "role")]
            who = "the data has no" if of_data else "nothing predicts"
            return f"{who} {' and no '.join(of_data or missing)}"
        if self._counted(columns).any():
            return ""
        labels = " and ".join(name for name in self.reads if name in LABELS)
        rows = f"rows of videos that end in '{self.videos}'" if self.videos else "rows"
        return f"no {rows} have {labels}" if labels else f"there are no {rows}"


@dataclass(frozen=True, kw_only=True)
class Metric(LabelledRows):
    """A metric of a whole split; a mean over batches would give another number.

    Attributes:
        function: called with the columns in the order of `reads`, returns a float. If it has an argument `classes`,
            `for_data` gives it their names; likewise `severity_scale`.
        label: name of the metric in headers of tables.
        unit: unit of printed values; for `%`, the function returns a fraction and 100 times the value is printed.
        higher_is_better: the direction by which epochs are chosen, best values marked and claims tested.
        decimals: digits after the point of printed values.
        bounds: smallest and largest value that the function can return; None where there is none.
        is_share: whether the value is the share of rows that are right. Then McNemar's test compares two networks, and
            values move in steps of 1 / n. A predicted class is shown with it.
        is_error: whether the value is the mean distance of a predicted number from its label, in their unit. A
            predicted number is shown with it.
        has_interval: whether resampling the rows measures its uncertainty. Resampling biases some metrics, for example
            a sum of absolute differences: its noise does not cancel, and the interval may miss the value.
        has_difference: whether resampling measures the uncertainty of the difference of two networks, for a metric
            without an interval: the bias is that of both.
        names_rare: whether option `names` of the function lists the rare classes, which figures then mark.
    """

    function: Callable[..., float]
    label: str
    unit: str
    higher_is_better: bool
    decimals: int
    bounds: Sequence[float | None]
    is_share: bool = False
    is_error: bool = False
    has_interval: bool = True
    has_difference: bool = False
    names_rare: bool = False

    @property
    def facts(self) -> Facts:
        """The facts that are written beside each value.

        Raises:
            ConfigError: a fact has the wrong type.
        """
        return Facts.of({key: getattr(self, key) for key in KEYS}, f"the metric '{self.label}'")

    def document(self) -> dict[str, Any]:
        """Return what `metrics.json` holds beside a value: the facts, and what the metric says of which answer."""
        says = {"reads": [*self.reads], "is_share": self.is_share, "is_error": self.is_error}
        return self.facts.document() | says

    @property
    def by(self) -> Sequence[str]:
        """Groups that the metric reads besides its columns, as `fercli.ops.group_names` describes them; empty here."""
        return ()

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of the function besides the columns, for example the `names` of the classes to average."""
        return dict(self.function.keywords) if isinstance(self.function, partial) else {}

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "function", _direct(self.function))
        assert self.facts
        if self.is_error and len([name for name in self.reads if name.startswith("predicted_")]) != 1:
            raise ConfigError(
                f"the metric '{self.label}': expected one column predicted_... in `reads` with is_error: true; "
                f"found {', '.join(self.reads)}"
            )
        if self.names_rare and "names" not in self.options:
            raise ConfigError(
                f"the metric '{self.label}': expected option `names` of its function with names_rare: true"
            )
        others = dict.fromkeys(name for name in OF_DATA if self._asks_for(name))
        require_arguments(self.function, self.arguments, f"the metric '{self.label}'", **others)

    @property
    def arguments(self) -> Sequence[str]:
        """Names of the arguments that the function is called with, in their order."""
        return self.reads

    def _asks_for(self, name: str) -> bool:
        asked = signature(self.function).parameters.get(name)
        return asked is not None and asked.default is Parameter.empty

    def for_data(self, classes: Sequence[str], scale: Scale) -> Self:
        """Return this metric; if its function has an argument `classes` or `severity_scale`, it is filled in.

        Both come from data, so they are passed as arguments: a configuration would interpret text like `${...}`.
        """
        known = {"classes": tuple(classes), "severity_scale": scale}
        asked = {name: known[name] for name in OF_DATA if self._asks_for(name)}
        return replace(self, function=partial(self.function, **self.options, **asked)) if asked else self

    def for_classes(self, classes: Sequence[str]) -> Self:
        """Return this metric, which `for_data` gave, for classes with other names."""
        named = "classes" in self.options
        return replace(self, function=partial(self.function, classes=tuple(classes))) if named else self

    def __call__(self, columns: Columns) -> float:
        """Compute the value over all rows that have the labels; NaN without any.

        Raises:
            RunError: a prediction is not a finite number, or the value lies outside of the bounds.
            ConfigError: the function returns something else than one number.
        """
        rows = self.rows(columns)
        if not len(rows[0]):
            return float("nan")
        found = self.function(*rows)
        try:
            value = float(found)
        except (TypeError, ValueError):
            raise ConfigError(
                f"expected the function of the metric '{self.label}' to return one number, found "
                f"{type(found).__name__}: correct it"
            ) from None
        if not self.facts.allows(value):
            raise RunError(
                f"expected the metric '{self.label}' within its bounds ({self.facts.range}), found {value:g}: correct "
                "its function, or the bounds in its yaml"
            )
        return value

    def stored(self, columns: Columns) -> dict[str, np.ndarray]:
        """Columns, (n, ...), that predictions.parquet must store besides `reads`, to recompute the metric from it.

        Empty here; a metric of columns that are too wide to be stored returns others in their place.
        """
        return {}

    def right(self, columns: Columns) -> np.ndarray:
        """(n,) bool: whether each row is right, for a metric that is the share of right rows.

        Raises:
            RunError: the metric says `is_share`, but is not the share of right rows.
        """
        rows = self.rows(columns)
        of_counts = from_counts(self.function)
        if of_counts is not None:
            single = Cells.of(rows).singly(of_counts)
        else:
            single = np.array([self.function(*(column[i : i + 1] for column in rows)) for i in range(len(rows[0]))])
        if not np.isin(single, (0.0, 1.0)).all() or not np.isclose(single.mean(), self.function(*rows), rtol=1e-9):
            raise RunError(
                f"the metric '{self.label}' says is_share: true, but is not the share of rows that are right"
            )
        return single == 1.0


def _direct(function: Any) -> Any:
    """Return a plain partial for one of Hydra's, which checks its target again at every call."""
    if not isinstance(function, partial):
        return function
    keywords = {name: _direct(value) for name, value in function.keywords.items()}
    return partial(function.func, *map(_direct, function.args), **keywords)


def known_rows(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """(n,) bool: the rows that have every label among these columns."""
    known = np.ones(len(columns[names[0]]), dtype=bool)
    for name in names:
        if name in LABELS:
            column = columns[name]
            known &= ~np.isnan(column) if column.dtype.kind == "f" else column >= 0
    return known
