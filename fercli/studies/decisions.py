"""Reach a verdict on each claim of a study: correct the p values of its comparisons, and decide."""

from dataclasses import dataclass
from typing import Literal

from fercli.studies.aggregate import Results
from fercli.studies.corrected import Corrected, corrected
from fercli.studies.significance import FEWEST_SEEDS, LEVEL, samples_are_too_few, seeds_needed

Outcome = Literal["confirmed", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the runs say of one claim; for an undecided one, how many seeds would decide it (None: too many)."""

    outcome: Outcome
    tests: Corrected
    seeds_needed: int | None = None
    samples_are_too_few: bool = False


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
