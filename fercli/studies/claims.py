"""Verdicts on the claims of a source: a paired test over common seeds, and McNemar's test on stored predictions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from fercli.errors import RunError

LEVEL = 0.95
FEWEST_SEEDS = 3
MOST_SEEDS = 100  # beyond this, the number of seeds that would decide a claim is not given
TEST = (
    f"Verdicts: paired t interval ({LEVEL:.0%}) of the difference over common seeds, not corrected for the number of "
    "claims; confirmed where it lies on the claimed side of 0, refuted where on the other, undecided otherwise or with "
    f"fewer than {FEWEST_SEEDS} seeds."
)

Outcome = Literal["confirmed", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the runs say of one claim. Differences are better minus worse, in the unit of the values.

    Attributes:
        n: number of seeds that both rows have.
        difference: mean over these seeds; None without any.
        low: lower end of the paired t interval; None where n < 2, which has no spread.
        high: upper end of it.
        seeds_needed: number of seeds with which the interval would leave 0 out, if mean and spread stayed as they are;
            None where n < 2, and where it is more than MOST_SEEDS.
    """

    outcome: Outcome
    n: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    seeds_needed: int | None = None


def judge(better: Mapping[int, float], worse: Mapping[int, float], higher_is_better: bool = True) -> Verdict:
    """The verdict on `better` against `worse`, values of one metric by seed.

    Source: Student's paired t test, two-sided.
    """
    seeds = sorted(better.keys() & worse.keys())
    n = len(seeds)
    if n == 0:
        return Verdict("undecided", 0)
    differences = np.array([better[seed] - worse[seed] for seed in seeds])
    mean = float(differences.mean())
    if n == 1:
        return Verdict("undecided", 1, mean)
    sd = float(differences.std(ddof=1))
    half = half_width(sd, n)
    sign = 1 if higher_is_better else -1
    outcome: Outcome = "undecided"
    if n >= FEWEST_SEEDS and abs(mean) > half:
        outcome = "confirmed" if sign * mean > 0 else "refuted"
    return Verdict(outcome, n, mean, mean - half, mean + half, seeds_needed(mean, sd))


def half_width(sd: float, n: int) -> float:
    """Half of the t interval of a mean of n values with standard deviation sd."""
    return float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * sd / math.sqrt(n)


def seeds_needed(mean: float, sd: float) -> int | None:
    """The smallest number of seeds whose interval would leave 0 out; None above MOST_SEEDS."""
    enough = (n for n in range(FEWEST_SEEDS, MOST_SEEDS + 1) if half_width(sd, n) < abs(mean))
    return next(enough, None)


@dataclass(frozen=True, slots=True)
class McNemar:
    """Samples that only one of two runs classifies rightly, pooled over seeds, and the exact two-sided p value."""

    only_better: int
    only_worse: int
    p: float


def mcnemar(pairs: Sequence[tuple[Path, Path]]) -> McNemar:
    """McNemar's exact test on pairs of `predictions.parquet`, (better, worse) for each seed, matched by id.

    Pooling counts a sample once per seed, as if these were independent, so p is too small with several seeds.

    Raises:
        RunError: two runs of a pair do not hold the same samples.

    Source: McNemar 1947, in the exact binomial form.
    """
    only_better = only_worse = 0
    for better, worse in pairs:
        first, second = _right(better), _right(worse)
        if len(first) != len(second) or set(first.index) != set(second.index):
            raise RunError(f"expected the same samples in {better} and {worse}; found {len(first)} and {len(second)}")
        second = second[first.index]
        only_better += int((first & ~second).sum())
        only_worse += int((second & ~first).sum())
    discordant = only_better + only_worse
    p = stats.binomtest(only_better, discordant).pvalue if discordant else 1.0
    return McNemar(only_better, only_worse, float(p))


def _right(path: Path) -> pd.Series:
    """Whether each sample is classified rightly, by id."""
    try:
        frame = pd.read_parquet(path, columns=["id", "expression", "predicted"]).set_index("id")
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({str(error).splitlines()[0]}); train this run again") from error
    return frame["expression"] == frame["predicted"]
