"""Two rows of a study held against each other, over seeds and over samples, and verdicts on what a source claims."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.reports.columns import metric_column
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.differences import why_not
from fercli.studies.paired_samples import McNemar, mcnemar, paired_bootstrap
from fercli.studies.printed import quoted_number
from fercli.studies.significance import FEWEST_SEEDS, LEVEL, Paired, holm, paired, seeds_needed
from fercli.studies.study import Claim

Outcome = Literal["confirmed", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two rows say of each other in one metric. Differences are better minus worse, in the unit of the column.

    Attributes:
        over_seeds: the paired tests over common seeds; against a printed number, over all seeds of the trained row.
        p_samples: over samples, for the networks as they are; None where predictions are missing.
        counts: of the answers that only one row has right, for accuracy.
        reason: why there is no p_samples; without any seed, why runs that are there do not compare.
    """

    claim: Claim
    over_seeds: Paired
    p_samples: float | None = None
    counts: McNemar | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The p values of one comparison, corrected by Holm for all comparisons of its table."""

    comparison: Comparison
    p_seeds: float | None
    p_flips: float | None
    p_samples: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the runs say of one claim, and how many seeds would decide one that is undecided (None: too many)."""

    outcome: Outcome
    tests: Corrected
    seeds_needed: int | None = None


def compare(results: Results, claim: Claim) -> Comparison:
    """The tests of one pair of rows: over seeds, and over samples by McNemar (accuracy) or bootstrap (all others)."""
    if (printed := quoted_number(results.plan.study, claim)) is not None:
        return _compare_with_print(results, claim, printed)
    better, worse = (results.values(label, claim.metric) for label in (claim.better, claim.worse))
    seeds = sorted(better.keys() & worse.keys())
    over_seeds = paired([better[seed] - worse[seed] for seed in seeds])
    if not seeds:
        return Comparison(claim, over_seeds)
    try:
        if claim.metric == "accuracy":
            counts = mcnemar([_right(results, claim, seed) for seed in seeds])
            return Comparison(claim, over_seeds, counts.p, counts)
        drawn = [results.resampled(label, claim.metric) for label in (claim.better, claim.worse)]
        return Comparison(claim, over_seeds, paired_bootstrap(*drawn))
    except RunError as error:
        return Comparison(claim, over_seeds, reason=str(error))


def corrected(results: Results, claims: Sequence[Claim]) -> list[Corrected]:
    """The comparisons of one table, corrected together."""
    found = [compare(results, claim) for claim in claims]
    seeds, flips = (holm([getattr(one.over_seeds, name) for one in found]) for name in ("p", "p_flips"))
    samples = holm([one.p_samples for one in found])
    return [Corrected(*parts) for parts in zip(found, seeds, flips, samples, strict=True)]


def verdicts(results: Results) -> list[Verdict]:
    """The verdicts on the claims of a study: by the corrected p of the paired t test over at least three seeds."""
    claims = results.plan.study.claims
    return [judge(tests, len(claims)) for tests in corrected(results, claims)]


def judge(tests: Corrected, num_claims: int) -> Verdict:
    """Confirmed or refuted where the corrected p is below LEVEL, by the side on which the difference lies."""
    seen, claim = tests.comparison.over_seeds, tests.comparison.claim
    if seen.mean is None or seen.sd is None:
        return Verdict("undecided", tests)
    decided = seen.n >= FEWEST_SEEDS and tests.p_seeds is not None and tests.p_seeds < LEVEL
    if not decided:
        return Verdict("undecided", tests, seeds_needed(seen.mean, seen.sd, num_claims))
    upward = metric_column(claim.metric).higher_is_better is not False
    return Verdict("confirmed" if (seen.mean > 0) == upward else "refuted", tests)


def _compare_with_print(results: Results, claim: Claim, printed: float) -> Comparison:
    """The tests of a trained row against the printed number of a quoted one, the same for all seeds and samples."""
    is_better = any(row.label == claim.better for row in results.plan.study.trained)
    label, sign = (claim.better, 1) if is_better else (claim.worse, -1)
    quoted = results.plan.study.quoted(claim)
    if quoted is not None and (reason := why_not(results, label, quoted, claim.metric)):
        return Comparison(claim, paired([]), reason=reason)
    values = results.values(label, claim.metric)
    over_seeds = paired([sign * (values[seed] - printed) for seed in sorted(values)])
    if not values:
        return Comparison(claim, over_seeds)
    try:
        drawn = results.resampled(label, claim.metric)
        constant = {seed: replace(found, values=np.full_like(found.values, printed)) for seed, found in drawn.items()}
        return Comparison(claim, over_seeds, paired_bootstrap(drawn, constant))
    except RunError as error:
        return Comparison(claim, over_seeds, reason=str(error))


def _right(results: Results, claim: Claim, seed: int) -> tuple[pd.Series, pd.Series]:
    better, worse = (RunFolder(results.folders(label)[seed]) for label in (claim.better, claim.worse))
    return results.predictions.right(better), results.predictions.right(worse)
