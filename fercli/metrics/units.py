"""What is independent among evaluated rows: the person, else the video, else the row. Intervals and tests draw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True, eq=False)
class Units:
    """The independent unit of each of n samples.

    Counts of units by kind are put in words by `fercli.intervals`.

    Attributes:
        number: (n,) int64 number of the unit of each sample; numbers count up from 0 in the order of the samples.
        counts: how many units there are by kind, of `subject`, `sitting`, `video` and `row`, in this order.
    """

    number: np.ndarray
    counts: dict[str, int]

    @classmethod
    def alone(cls, num_samples: int) -> "Units":
        """Return the units of samples that are all independent of each other."""
        return cls(np.arange(num_samples), {"row": num_samples} if num_samples else {})

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Units) and self.counts == other.counts and np.array_equal(self.number, other.number)

    @cached_property
    def sizes(self) -> np.ndarray:
        """(num_units,) int64 number of samples of each unit."""
        return np.bincount(self.number, minlength=len(self))

    @cached_property
    def effective(self) -> float:
        """How many units of equal size would say as much; see `effective`."""
        return effective(self.sizes)

    @property
    def inflation(self) -> float:
        """Factor n / (n - 1) from the variance over resamples to that over test sets, n the effective number of units.

        Infinite for a single unit: its variance cannot be measured.
        """
        return self.effective / (self.effective - 1) if self.effective > 1 else float("inf")

    def t(self, level: float) -> float:
        """Return the quantile of Student's t that an interval of this confidence level takes on each side."""
        return float(stats.t.ppf((1 + level) / 2, self.effective - 1))

    def tail(self, level: float) -> float:
        """Return the share of resamples that an interval leaves out at each end, at most (1 - level) / 2.

        With few units, resamples vary less than test sets do, by the root of `inflation`, and a quantile of the normal
        distribution is too small. So the interval goes further out: the tail is Phi(-t sqrt(n / (n - 1))).

        Source: Hesterberg 2015, section 5.3, the expanded percentile interval, with the effective number of units.
        """
        return float(stats.norm.cdf(-self.t(level) * np.sqrt(self.inflation)))

    @cached_property
    def _members(self) -> tuple[np.ndarray, np.ndarray]:
        """The samples in the order of their units, and where each unit begins among them."""
        return np.argsort(self.number, kind="stable"), np.cumsum(self.sizes) - self.sizes

    def samples_of(self, drawn: np.ndarray) -> np.ndarray:
        """Return the samples of drawn units, one unit after the other; a unit that is drawn twice comes twice."""
        order, starts = self._members
        sizes = self.sizes[drawn]
        shift = starts[drawn] - (np.cumsum(sizes) - sizes)
        return np.asarray(order[np.arange(sizes.sum()) + np.repeat(shift, sizes)])


def effective(sizes: np.ndarray) -> float:
    """Return how many units of equal size would say as much: (sum of sizes)^2 / sum of sizes^2, at most their number.

    Source: Kish 1965, section 11.7.
    """
    sizes = sizes.astype(float)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if len(sizes) else 0.0


def units_of(columns: Mapping[str, np.ndarray], rows: np.ndarray) -> Units:
    """Return the unit of each of these rows: its subject; else its sitting or its video; else the row alone.

    A row that has no subject, in a table where others have one, is of its video, or alone.

    Args:
        columns: of a prediction table; of `subject` and `video` (None where unknown) and `session` (-1 where unknown),
            those that it has. A sitting counts as a unit where it holds more than one video.
        rows: (n,) row numbers.
    """
    number, counts, first = np.full(len(rows), -1), {}, 0
    for kind, names in _names(columns, rows):
        of_kind, known = pd.factorize(np.where(number < 0, names, np.array(None)))
        number = np.where(of_kind >= 0, of_kind + first, number)
        counts[kind] = len(known)
        first += len(known)
    alone = number < 0
    number[alone] = first + np.arange(alone.sum())
    counts["row"] = int(alone.sum())
    return Units(pd.factorize(number)[0], {kind: count for kind, count in counts.items() if count})


def _names(columns: Mapping[str, np.ndarray], rows: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return for each kind of unit the name of each row's unit; None where it has none."""
    found = {kind: columns[kind][rows] for kind in ("subject", "video") if kind in columns}
    kinds = [("subject", found["subject"])] if "subject" in found else []
    if "session" in columns:
        session = columns["session"][rows]
        sittings = np.where(session < 0, None, session.astype(object))
        if "video" not in found or len(pd.unique(session)) < len(pd.unique(found["video"])):
            kinds.append(("sitting", sittings))
    return [*kinds, *([("video", found["video"])] if "video" in found else [])]
