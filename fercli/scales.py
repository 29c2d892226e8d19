"""Scales of severity: the range of a questionnaire, its bands and its cut-off. Each is a yaml in `conf/scale`."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from fercli.catalog import CONF, choices
from fercli.errors import ConfigError, DataError, printable, reading

OWN = "own"  # the choice whose values are all given by the user
EXAMPLE = "such as scale=own scale.name=GAD-7 scale.high=21 'scale.bands={minimal: 0, mild: 5, moderate: 10}'"


@dataclass(frozen=True)
class Scale:
    """One scale of severity; a higher score means more severe.

    Attributes:
        name: name in print, such as `PHQ-9`.
        low: lowest score in points, a whole number of at least 0.
        high: highest score in points, a whole number.
        bands: first whole score of each band by its name, ascending; the first band begins at `low`. Empty for a scale
            without bands.
        cutoff: lowest whole score that counts as positive in screening; None for a scale without one.
        source: publications that give the range, the bands and the cut-off.

    Raises:
        ConfigError: the range, the bands or the cut-off do not fit together.
    """

    name: str
    high: float
    low: float = 0
    bands: Mapping[str, float] = field(default_factory=dict)
    cutoff: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bands", {str(name): first for name, first in dict(self.bands or {}).items()})
        object.__setattr__(self, "source", self.source or "")
        if not isinstance(self.name, str) or not self.name.strip():
            raise ConfigError(f"expected scale.name as text; found {self.name}: {EXAMPLE}")
        for option in ("low", "high"):
            if not _is_whole(value := getattr(self, option)):
                raise ConfigError(f"expected scale.{option} as a whole number of points; found {value}: {EXAMPLE}")
        if not 0 <= self.low < self.high:
            raise ConfigError(f"expected scale.low of 0 or more, below scale.high; found {self.low} and {self.high}")
        firsts = list(self.bands.values())
        ascend = all(map(_is_whole, firsts)) and all(a < b for a, b in pairwise(firsts))
        if firsts and not (ascend and firsts[0] == self.low and firsts[-1] <= self.high):
            raise ConfigError(
                f"expected scale.bands with the first whole score of each band, ascending from {self.low:g} to at most "
                f"{self.high:g}; found {printable(str(dict(self.bands)))}"
            )
        if self.cutoff is not None and not (_is_whole(self.cutoff) and self.low < self.cutoff <= self.high):
            expected = f"above {self.low:g} and at most {self.high:g}, a whole number"
            raise ConfigError(f"expected scale.cutoff {expected}; found {self.cutoff}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the bands, from the least to the most severe."""
        return tuple(self.bands)

    @property
    def firsts(self) -> tuple[float, ...]:
        """First whole score of each band."""
        return tuple(self.bands.values())

    @property
    def unit(self) -> str:
        """What a score counts, such as `PHQ-9 points`."""
        return f"{self.name} points"

    @property
    def num_levels(self) -> int:
        """Number of whole scores from 0 to `high`."""
        return int(self.high) + 1

    @property
    def range(self) -> str:
        """The range in words, such as `PHQ-9, 0 to 27 points`."""
        return f"{self.name}, {self.low:g} to {self.high:g} points"

    def document(self) -> dict[str, Any]:
        """Return what a store records."""
        return asdict(self)

    @classmethod
    def of(cls, content: Any, where: str) -> "Scale":
        """Read what a store or a run records.

        Args:
            where: what the error names.

        Raises:
            DataError: it is damaged.
        """
        with reading(where, "a scale of severity", remedy="preprocess the data set again"):
            try:
                return cls(**content)
            except ConfigError as error:
                raise DataError(f"{where} is damaged: {error}") from None


def _is_whole(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value == int(value)


@cache
def named(name: str) -> Scale:
    """Return a scale that comes with fercli, such as `bdi_ii`."""
    content = yaml.safe_load((CONF / "scale" / f"{name}.yaml").read_text("utf-8"))
    return Scale(**{key: value for key, value in content.items() if key != "_target_"})


BDI_II = named("bdi_ii")


def recorded(content: Any, where: str) -> Scale:
    """Return the scale that a store or a run records; that of the BDI-II where it records none.

    Args:
        where: the file, for the message.

    Raises:
        DataError: the record is damaged.
    """
    return BDI_II if content is None else Scale.of(content, where)


def choice_of_column(column: str) -> str | None:
    """Return the scale of `conf/scale` that a column is named after; None for none.

    Examples:
        >>> choice_of_column("PHQ-9 total"), choice_of_column("bdi"), choice_of_column("score")
        ('phq9', 'bdi_ii', None)
    """
    plain = "".join(filter(str.isalnum, column.casefold()))
    found = [name for name in choices("scale") for word in WORDS.get(name, ()) if plain.startswith(word)]
    return found[0] if found else None


# How columns of tables call the scales, without marks and capitals.
WORDS = {
    "bdi_ii": ("bdi", "beck"),
    "phq8": ("phq8",),
    "phq9": ("phq9",),
    "hamd17": ("hamd", "hdrs", "hrsd", "hamilton"),
}
