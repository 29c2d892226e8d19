"""Compare two rows of a study over seeds and over samples, and reach verdicts on what a source claims."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.ops.holm import holm
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.differences import why_not
from fercli.studies.folds import fold_values, minus_print, over_folds
from fercli.studies.paired_samples import McNemar, mcnemar, over_samples, resampled_differences, sampling
from fercli.studies.predictions import Resampled
from fercli.studies.printed import quoted_number
from fercli.studies.resampled_t import CorrectedT
from fercli.studies.significance import (
    FEWEST_SEEDS,
    LEVEL,
    Design,
    Paired,
    paired,
    samples_are_too_few,
    seeds_needed,
)
from fercli.studies.study import Claim

Outcome = Literal["confirmed", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tests of two rows in one metric. Differences are better minus worse, in the unit of the column.

    Attributes:
        over_seeds: the tests over common seeds; against a printed number, over all seeds of the trained row.
        p_samples: p over samples, for these trained networks; None where predictions are missing.
        counts: counts of the predictions that are right in only one row, for a metric that is the share of right ones.
        reason: why there is no p_samples; if nothing is compared, why the existing runs are not comparable.
        over_folds: the test over folds, in place of all others, for rows that are cross-validated.
    """

    claim: Claim
    over_seeds: Paired
    p_samples: float | None = None
    counts: McNemar | None = None
    reason: str = ""
    over_folds: CorrectedT | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """The p values of one comparison, corrected by Holm's method for all comparisons of its table."""

    comparison: Comparison
    p_seeds: float | None
    p_flips: float | None
    p_samples: float | None
    p_folds: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the runs say of one claim; for an undecided one, how many seeds would decide it (None: too many)."""

    outcome: Outcome
    tests: Corrected
    seeds_needed: int | None = None
    samples_are_too_few: bool = False


def compare(results: Results, claim: Claim) -> Comparison:
    """Test one pair of rows: over folds, if they have some; else over seeds and samples, and over samples alone."""
    if (printed := quoted_number(results.plan.study, claim)) is not None:
        return _compare_with_print(results, claim, printed)
    one, other = (fold_values(results, label, claim.metric) for label in (claim.better, claim.worse))
    if one.values or other.values:
        return _over_folds(claim, lambda: over_folds(one, other))
    better, worse = (results.values(label, claim.metric) for label in (claim.better, claim.worse))
    seeds = sorted(better.keys() & worse.keys())
    values = [better[seed] - worse[seed] for seed in seeds]
    if not seeds:
        return Comparison(claim, paired(values))
    try:
        drawn = [results.resampled(label, claim.metric, seeds) for label in (claim.better, claim.worse)]
        scale, answers = _scale_of_a_share(results, claim.metric), None
        if scale:
            answers = [_right(results, claim, seed) for seed in seeds]
        return comparison_of(claim, values, drawn[0], drawn[1], scale, answers)
    except RunError as error:
        return Comparison(claim, paired(values), reason=str(error))


def comparison_of(
    claim: Claim,
    values: Sequence[float],
    better: Mapping[int, Resampled],
    worse: Mapping[int, Resampled],
    scale: float,
    answers: Sequence[tuple[pd.Series, pd.Series]] | None = None,
    single: bool = False,
) -> Comparison:
    """Test two rows, from numbers alone.

    Args:
        values: the difference of each common seed, in the order of the seeds.
        better: the metric of the better row on resamples, by seed, in the unit of the values.
        worse: the same for the worse row.
        scale: for a metric that is the share of right samples, its value when all samples are right; 0 for any other
            metric, since its values do not move in steps.
        answers: for the share of right samples of two trained rows: for each seed, which samples are right in
            (better, worse).
        single: whether one side is a printed number.

    Raises:
        RunError: two runs were evaluated on different samples.
    """
    differences = resampled_differences(better, worse)
    first = next(iter(better.values()))
    design = Design(sampling(differences, first.units), scale / len(first.samples), single)
    over_seeds = paired(values, design)
    if answers is None:
        return Comparison(claim, over_seeds, over_samples(differences, float(np.mean(values)), first.units).p)
    counts = mcnemar(answers, first.units)
    return Comparison(claim, over_seeds, counts.p, counts)


def corrected(results: Results, claims: Sequence[Claim]) -> list[Corrected]:
    """Return the comparisons of one table, corrected together."""
    return correct([compare(results, claim) for claim in claims])


def correct(found: Sequence[Comparison]) -> list[Corrected]:
    """Correct the p values of comparisons for the number of comparisons."""
    seeds, flips = (holm([getattr(one.over_seeds, name) for one in found]) for name in ("p", "p_flips"))
    samples = holm([one.p_samples for one in found])
    folds = holm([None if one.over_folds is None else one.over_folds.p for one in found])
    return [Corrected(*parts) for parts in zip(found, seeds, flips, samples, folds, strict=True)]


def verdicts(results: Results) -> list[Verdict]:
    """Return the verdicts on the claims of a study."""
    claims = results.plan.study.claims
    upward = {claim.metric: results.facts[claim.metric].higher_is_better for claim in claims}
    return [decide(tests, len(claims), upward[tests.comparison.claim.metric]) for tests in corrected(results, claims)]


def decide(tests: Corrected, num_claims: int, higher_is_better: bool) -> Verdict:
    """Return the outcome, and for an undecided one how many seeds would decide it."""
    found, seen = outcome(tests, higher_is_better), tests.comparison.over_seeds
    if found != "undecided" or tests.comparison.over_folds is not None:
        return Verdict(found, tests)
    few = samples_are_too_few(seen, num_claims)
    return Verdict(found, tests, None if few else seeds_needed(seen, num_claims), few)


def outcome(tests: Corrected, higher_is_better: bool) -> Outcome:
    """Return "confirmed" or "refuted" by the sign of the difference, if both corrected p are below LEVEL.

    One p is over seeds and samples, the other over samples for these trained networks. The first alone ensures that,
    among claims about rows without a true difference, however many, the chance of any verdict is at most LEVEL. Of
    rows that are cross-validated, the p over folds decides: training sets of folds overlap, which no other p allows
    for.
    """
    if (folds := tests.comparison.over_folds) is not None:
        if tests.p_folds is None or tests.p_folds >= LEVEL:
            return "undecided"
        return "confirmed" if (folds.mean > 0) == higher_is_better else "refuted"
    seen = tests.comparison.over_seeds
    p = [1.0 if p is None else p for p in (tests.p_seeds, tests.p_samples)]
    if seen.mean is None or seen.n < FEWEST_SEEDS or max(p) >= LEVEL:
        return "undecided"
    return "confirmed" if (seen.mean > 0) == higher_is_better else "refuted"


def _over_folds(claim: Claim, test: Callable[[], CorrectedT]) -> Comparison:
    try:
        return Comparison(claim, paired([]), over_folds=test())
    except RunError as error:
        return Comparison(claim, paired([]), reason=str(error))


def _compare_with_print(results: Results, claim: Claim, printed: float) -> Comparison:
    """Test a trained row against the printed number of a quoted row, a constant over seeds and samples."""
    is_better = any(row.label == claim.better for row in results.plan.study.trained)
    label, sign = (claim.better, 1) if is_better else (claim.worse, -1)
    quoted = results.plan.study.quoted(claim)
    if quoted is not None and (reason := why_not(results, label, quoted, claim.metric)):
        return Comparison(claim, paired([]), reason=reason)
    if (folds := fold_values(results, label, claim.metric)).values:
        return _over_folds(claim, lambda: minus_print(folds, printed, sign))
    found = results.values(label, claim.metric)
    values = [sign * (found[seed] - printed) for seed in sorted(found)]
    if not values:
        return Comparison(claim, paired(values))
    try:
        drawn = results.resampled(label, claim.metric)
        constant = {seed: replace(one, values=np.full_like(one.values, printed)) for seed, one in drawn.items()}
        better, worse = (drawn, constant) if is_better else (constant, drawn)
        return comparison_of(claim, values, better, worse, _scale_of_a_share(results, claim.metric), single=True)
    except RunError as error:
        return Comparison(claim, paired(values), reason=str(error))


def _scale_of_a_share(results: Results, metric: str) -> float:
    return results.facts[metric].scale if results.predictions.is_share(metric) else 0.0


def _right(results: Results, claim: Claim, seed: int) -> tuple[pd.Series, pd.Series]:
    better, worse = (RunFolder(results.folders(label)[seed]) for label in (claim.better, claim.worse))
    return results.predictions.right(better, claim.metric), results.predictions.right(worse, claim.metric)
