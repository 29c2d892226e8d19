"""Compare two rows of a study over seeds and over samples, for what a source claims of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.differences import why_not
from fercli.studies.folds import fold_values, minus_print, over_folds
from fercli.studies.paired_samples import McNemar, mcnemar, over_samples, resampled_differences, sampling
from fercli.studies.predictions import Resampled
from fercli.studies.printed import quoted_number
from fercli.studies.resampled_t import CorrectedT
from fercli.studies.significance import Design, Paired, paired
from fercli.studies.study import Claim


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
