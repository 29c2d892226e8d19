"""The options that a search varies, from the `search:` of a study's yaml: a range or choices for each."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fercli.errors import ConfigError, nearest, printable
from fercli.runs.identity import HARDWARE, NOT_IDENTITY

Value = bool | int | float | str | None

# What says where and on what a training runs, and how it is measured: trials that differ in it would not compare.
FIXED = {"data", "budget", "selection", "metrics", "search", *NOT_IDENTITY}
KEYS = ("low", "high", "log", "step", "choices")
EXPECTED = "expected {low: 0.001, high: 0.1}, if wanted with log: true or a step, or {choices: [32, 64]}"


@dataclass(frozen=True, slots=True)
class Searched:
    """One option that a search varies.

    Attributes:
        option: key of `fercli train`, such as `optimizer.lr`, or a group, such as `backbone`.
        low: smallest value of a range; whole numbers as both ends, and as step, give whole numbers.
        high: largest value of a range.
        log: whether the logarithm of the value is spread evenly over the range.
        step: distance of two values of a range; None for any value.
        choices: the values, for an option without a range.
    """

    option: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[Value, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the values of the range are whole numbers."""
        return all(isinstance(number, int) for number in (self.low, self.high, self.step) if number is not None)

    @property
    def in_words(self) -> str:
        """The values as a user reads them, such as `0.001 to 0.1 (log)`."""
        if self.low is None or self.high is None:
            return ", ".join(map(written, self.choices))
        more = [*(["log"] if self.log else []), *([f"step {self.step:g}"] if self.step else [])]
        return f"{self.low:g} to {self.high:g}{f' ({more[0]})' if more else ''}"

    def holds(self, value: Value) -> bool:
        """Return whether a value is one that the search can propose."""
        if self.low is None or self.high is None:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            return False
        steps = (value - self.low) / (self.step or 1)
        return not (self.step or self.is_whole) or math.isclose(steps, round(steps), abs_tol=1e-9)


def space_from(content: Any, where: str) -> tuple[Searched, ...]:
    """Read the `search:` of a study.

    Raises:
        ConfigError: an option has no valid range or choices, or may not be varied.
    """
    if not isinstance(content, Mapping) or not content:
        raise ConfigError(f"{where}: expected search to map options to what is tried; {EXPECTED}; found {content!r}")
    return tuple(_searched(str(option), values, f"{where}: search of '{option}'") for option, values in content.items())


def written(value: Value) -> str:
    """Return a value as it is typed after `option=`; text that Hydra would read as something else is quoted.

    Examples:
        >>> written(0.001), written(True), written(None), written("resnet18"), written("a b"), written("8")
        ('0.001', 'true', 'null', 'resnet18', "'a b'", "'8'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        return repr(value)
    is_plain = value.isascii() and value[:1].isalpha() and all(char.isalnum() or char in "_-/." for char in value)
    if is_plain and value.lower() not in ("null", "true", "false", "nan", "inf"):
        return value
    quoted = re.sub(r"(\\*)('|$)", r"\1\1\2", value).replace("'", "\\'")  # Hydra unescapes only before a quote
    return f"'{quoted}'"


def overrides_of(options: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the overrides of `fercli train` that give options their values."""
    return tuple(f"{option}={written(value)}" for option, value in options.items())


def _searched(option: str, content: Any, where: str) -> Searched:
    first, _, rest = option.lstrip("+~").partition(".")
    if option != option.lstrip("+~") or first in FIXED or (first == "trainer" and rest in HARDWARE):
        raise ConfigError(
            f"{where}: it cannot be varied: expected an option that changes the training; the data, its validation "
            "rows, seeds, places, hardware and metrics stay the same in all trials"
        )
    if not isinstance(content, Mapping):
        raise ConfigError(f"{where}: {EXPECTED}; found {content!r}")
    for key in content:
        if key not in KEYS:
            raise ConfigError(f"{where} has the key '{printable(str(key))}'; {nearest(str(key), KEYS)}")
    if "choices" in content:
        if len(content) > 1:
            raise ConfigError(f"{where}: expected choices alone, or a range; found {', '.join(content)}")
        return Searched(option, choices=_choices(content["choices"], where))
    return _range(option, content, where)


def _choices(found: Any, where: str) -> tuple[Value, ...]:
    if not isinstance(found, list | tuple) or not all(isinstance(x, Value) for x in found):
        raise ConfigError(
            f"{where}: expected choices as a list of numbers, texts, true, false or null; found {found!r}"
        )
    twice = [x for i, x in enumerate(found) if x in found[:i]]
    if len(found) < 2 or twice:
        raise ConfigError(f"{where}: expected at least two different choices; found {found!r}")
    return tuple(found)


def _range(option: str, content: Mapping[str, Any], where: str) -> Searched:
    low, high, log, step = (content.get(key) for key in ("low", "high", "log", "step"))
    numbers = [low, high, *([] if step is None else [step])]
    if not all(_is_number(number) for number in numbers) or not isinstance(log, bool | None):
        raise ConfigError(f"{where}: {EXPECTED}; found {dict(content)!r}")
    assert low is not None
    assert high is not None
    if low >= high:
        raise ConfigError(f"{where}: expected low below high; found {low} and {high}")
    if log and (low <= 0 or step is not None):
        raise ConfigError(f"{where}: expected log: true with low above 0 and without a step; found {dict(content)!r}")
    if step is not None and (step <= 0 or not math.isclose((high - low) / step, round((high - low) / step))):
        raise ConfigError(f"{where}: expected a step above 0 that leads from {low} to {high}; found {step}")
    return Searched(option, low, high, bool(log), step)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def as_content(space: Iterable[Searched]) -> list[list[Any]]:
    """Return a space as plain lists, to compare and to hash."""
    return [[one.option, one.low, one.high, one.log, one.step, list(one.choices)] for one in space]
