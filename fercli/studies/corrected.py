"""Comparisons of one table, corrected together for their number."""

from collections.abc import Sequence
from dataclasses import dataclass

from fercli.ops.holm import holm
from fercli.studies.aggregate import Results
from fercli.studies.claims import Comparison, compare
from fercli.studies.study import Claim


@dataclass(frozen=True, slots=True)
class Corrected:
    """The p values of one comparison, corrected by Holm's method for all comparisons of its table."""

    comparison: Comparison
    p_seeds: float | None
    p_flips: float | None
    p_samples: float | None
    p_folds: float | None = None


def corrected(results: Results, claims: Sequence[Claim]) -> list[Corrected]:
    """Return the comparisons of one table, corrected together."""
    return correct([compare(results, claim) for claim in claims])


def correct(found: Sequence[Comparison]) -> list[Corrected]:
    """Correct the p values of comparisons for the number of comparisons."""
    seeds, flips = (holm([getattr(one.over_seeds, name) for one in found]) for name in ("p", "p_flips"))
    samples = holm([one.p_samples for one in found])
    folds = holm([None if one.over_folds is None else one.over_folds.p for one in found])
    return [Corrected(*parts) for parts in zip(found, seeds, flips, samples, folds, strict=True)]
