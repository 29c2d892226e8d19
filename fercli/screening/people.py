"""One true and one predicted score for each sitting, and intervals that resample people."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from fercli.metrics.bootstrap import NUM_RESAMPLES
from fercli.metrics.metric import Columns, LabelledRows
from fercli.metrics.resamples import on_resamples, quantiles
from fercli.metrics.units import Units


@dataclass(frozen=True)
class Scores:
    """The scores of n sittings of P people.

    Attributes:
        score: (n,) true points.
        predicted: (n,) points.
        person: (n,) int64 number of the person, from 0 to P - 1.
        levels: (n, L) predicted probability of level 0, 1, ...; None where no distribution is predicted.
        offset: level i stands for i - offset points.
        unit: what a sitting is here: `sitting` (its recordings are merged), or `recording`.
        aggregation: how the rows of a recording were merged, `mean` or `median`.
        has_subjects: whether people are known; without them, each sitting counts as a person.
    """

    score: np.ndarray
    predicted: np.ndarray
    person: np.ndarray
    levels: np.ndarray | None = None
    offset: float = 0.0
    unit: str = "recording"
    aggregation: str = "mean"
    has_subjects: bool = True

    @property
    def num_people(self) -> int:
        """Number of people."""
        return int(self.person.max()) + 1 if len(self.person) else 0

    def with_predicted(self, predicted: np.ndarray) -> Self:
        """Return the same sittings with other predicted scores (n,), and without a distribution."""
        return replace(self, predicted=predicted, levels=None)


def scores_of(
    columns: Columns, subjects: Iterable[str | None], aggregation: str = "mean", offset: float = 0.0
) -> Scores:
    """Merge the rows of a prediction table to one score for each sitting.

    The predictions for the rows of a video are merged as `aggregation` says, and the videos of a sitting by their mean.
    A row without a video is a recording of its own. A person may have several sittings, with other true scores.

    Args:
        columns: `id`, `score`, `predicted_score`, and as far as they are known `video`, `session` and
            `score_probabilities`; (n, ...) each. Rows without a score do not count.
        subjects: name of the person of each row, None where it is unknown.
        aggregation: `mean` or `median`.
        offset: of the levels in `score_probabilities`.

    Raises:
        RunError: a sitting has several true scores, or a prediction is not finite.
    """
    has_sessions = "session" in columns
    reads = ["score", "predicted_score", *(["score_probabilities"] if "score_probabilities" in columns else [])]
    rows = LabelledRows(reads=reads, per="session" if has_sessions else "video", aggregation=aggregation)
    names, (score, predicted, *levels) = rows.samples(columns), rows.rows(columns)
    subjects = list(subjects)
    people = _people(columns, subjects)
    person = np.unique([people[name] for name in names], return_inverse=True)[1] if len(names) else np.zeros(0, int)
    return Scores(
        np.asarray(score, dtype=np.float64),
        np.asarray(predicted, dtype=np.float64),
        person.astype(np.int64),
        levels[0] / levels[0].sum(1, keepdims=True) if levels else None,  # medians do not add up to 1
        offset,
        "sitting" if has_sessions else "recording",
        aggregation,
        any(subject is not None for subject in subjects),
    )


def _people(columns: Columns, subjects: Iterable[str | None]) -> dict[str, str]:
    """Return the person of each row, recording and sitting, by the names that `LabelledRows.samples` gives them."""
    number = len(columns["id"])
    videos = columns.get("video", np.full(number, None))
    sessions = columns.get("session", np.full(number, -1))
    people: dict[str, str] = {}
    for row, video, session, subject in zip(columns["id"], videos, sessions, subjects, strict=True):
        for name in (row, f"row {row}", f"video {video}", f"session {session}"):
            people.setdefault(name, f"subject {subject}" if subject is not None else f"alone {name}")
    return people


Statistic = Callable[[np.ndarray, np.ndarray], float]


def people_intervals(
    statistics: Sequence[Statistic], person: np.ndarray, seed: int = 0, level: float = 0.95
) -> list[tuple[float, float]]:
    """Percentile interval of each statistic over resamples of people: all sittings of a person are drawn together.

    NaN where the statistic has the same value in all resamples: an interval without width would claim too much.

    Args:
        statistics: called with the (m,) indices of the drawn sittings, and the (m,) number of the person of each; who
            is drawn twice counts as two people. A value of NaN does not count.
        person: (n,) number of the person of each sitting, from 0 on.
        seed: seed of the draws.
        level: confidence level, in (0, 1).

    Source: Davison and Hinkley 1997, section 3.8 (resampling of clusters), with the tails of `Units.tail`.
    """
    if not len(person) or not statistics:
        return [(float("nan"), float("nan"))] * len(statistics)
    units = Units(person, {"subject": int(person.max()) + 1})
    is_first = np.zeros(len(person), dtype=bool)
    is_first[np.unique(person, return_index=True)[1]] = True

    def on_sittings(statistic: Statistic) -> Callable[[np.ndarray], float]:
        return lambda rows: statistic(rows, np.cumsum(is_first[rows]) - 1)  # sittings come one person after the other

    functions = [*map(on_sittings, statistics)]
    values = on_resamples(functions, [np.arange(len(person))], units, NUM_RESAMPLES, seed)
    return [_ends(column, units, level) for column in values.T]


def _ends(values: np.ndarray, units: Units, level: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known) or np.ptp(known) == 0:
        return float("nan"), float("nan")
    low, high = quantiles(known, units, level)
    return float(low), float(high)
