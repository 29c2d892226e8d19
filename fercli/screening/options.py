"""What a user asks of a screening, and what is known of the training recordings."""

import math
from dataclasses import dataclass

import numpy as np

from fercli.errors import ConfigError
from fercli.ops.severity import is_positive
from fercli.scales import Scale


@dataclass(frozen=True)
class ScreeningOptions:
    """What a user asks for.

    Attributes:
        cutoffs: lowest whole scores that count as positive; empty for the first scores of the bands of the scale.
        prevalence: share of positive people where the scores are to be used; None where none is stated.

    Raises:
        ConfigError: the prevalence is not between 0 and 1.
    """

    cutoffs: tuple[float, ...] = ()
    prevalence: float | None = None

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise ConfigError(f"expected a prevalence between 0 and 1, such as 0.1; found {self.prevalence:g}")

    @property
    def words(self) -> str:
        """The options of `fercli eval` that were given; empty for none."""
        given = [*(["--cutoff"] if self.cutoffs else []), *(["--prevalence"] if self.prevalence is not None else [])]
        return " and ".join(given)

    def cutoffs_of(self, scale: Scale) -> tuple[float, ...]:
        """Return the cut-offs, ascending; none for a scale without bands and without a cut-off.

        Raises:
            ConfigError: one of them is no whole score of the scale, or the lowest one, which everybody reaches.
        """
        for one in self.cutoffs:
            if not (math.isfinite(one) and one == int(one) and scale.low < one <= scale.high):
                expected = f"a whole score of the {scale.name} above {scale.low:g} and at most {scale.high:g}"
                raise ConfigError(f"expected --cutoff with {expected}; found {one:g}")
        own = scale.firsts[1:] or (() if scale.cutoff is None else (scale.cutoff,))
        return tuple(sorted(set(self.cutoffs or own)))


BANDS_OF_THE_SCALE = ScreeningOptions()


@dataclass(frozen=True)
class Training:
    """What is known of the training recordings.

    Attributes:
        score: (n,) points, each recording once; empty where they are unknown.
        constant: score of the constant predictor, the mean of the training recordings; NaN where it is unknown.
    """

    score: np.ndarray
    constant: float

    def prevalence(self, cutoff: float) -> float:
        """Share of training recordings at or above a cut-off; NaN without any."""
        return float(is_positive(self.score, cutoff).mean()) if len(self.score) else math.nan
