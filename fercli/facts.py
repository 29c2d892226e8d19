"""Facts of a metric: label, unit, direction, decimals and bounds. Its yaml is their only source."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from fercli.catalog import CONF
from fercli.errors import ConfigError

KEYS = ("label", "unit", "higher_is_better", "decimals", "bounds")
PERCENT = "%"
MOST_DECIMALS = 10
DUST = 1e-9  # rounding error by which a value may lie outside its bounds


@dataclass(frozen=True)
class Facts:
    """What code that prints, ranks or checks a value must know about its metric.

    Attributes:
        label: what headers call it.
        unit: of printed values. A metric in `%` computes fractions, and 100 times the value is printed; in any other
            unit, or in none, a value is printed as it is computed.
        higher_is_better: the direction.
        decimals: digits after the point of printed values.
        bounds: smallest and largest value that the metric can have, as it is computed; None where there is none.
    """

    label: str
    unit: str
    higher_is_better: bool
    decimals: int
    bounds: tuple[float | None, float | None]

    @classmethod
    def of(cls, content: Mapping[str, Any], where: str) -> "Facts":
        """Read the facts from a metric's yaml, or from its entry in `metrics.json`.

        Args:
            where: what the error names: the file and the metric.

        Raises:
            ConfigError: a key is missing, or its value is of the wrong kind.
        """
        for key in KEYS:
            if key not in content:
                raise ConfigError(f"{where} lacks '{key}'; a metric must say {', '.join(KEYS)}: {MEANING[key]}")
            if not _fits(key, content[key]):
                raise ConfigError(f"{where}: expected {MEANING[key]}; found {key}: {content[key]!r}")
        low, high = content["bounds"]
        return cls(**{key: content[key] for key in KEYS if key != "bounds"}, bounds=(low, high))

    @property
    def scale(self) -> float:
        """Factor from a computed value to the printed one: 100 for metrics in percent, else 1."""
        return 100.0 if self.unit == PERCENT else 1.0

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The bounds with a little more, for rounding; infinite where there is none."""
        low, high = self.bounds
        return -math.inf if low is None else low - DUST, math.inf if high is None else high + DUST

    def allows(self, *values: float) -> bool:
        """Whether computed values lie within the bounds; NaN, a value that is not known, lies nowhere else."""
        low, high = self.limits
        for value in values:  # noqa: SIM110 (a generator takes twice as long, and there are a million metrics)
            if value < low or value > high:
                return False
        return True

    @property
    def range(self) -> str:
        """The bounds in words, such as `0 to 1` or `at least 0`."""
        low, high = self.bounds
        if low is not None and high is not None:
            return f"{low:g} to {high:g}"
        return (
            "any number"
            if low is None and high is None
            else f"at least {low:g}"
            if high is None
            else f"at most {high:g}"
        )

    def document(self) -> dict[str, Any]:
        """Return the keys that `metrics.json` holds beside a value."""
        return asdict(self) | {"bounds": list(self.bounds)}


MEANING = {
    "label": "a label as a text, which headers show",
    "unit": 'a unit as a text, which headers show: "%" for fractions that are printed in percent, "" for none',
    "higher_is_better": "higher_is_better: true or false",
    "decimals": f"decimals as a whole number from 0 to {MOST_DECIMALS}",
    "bounds": "bounds: [smallest, largest] possible value as it is computed, null where there is none",
}


def _fits(key: str, value: Any) -> bool:
    if key in ("label", "unit"):
        return isinstance(value, str) and (key == "unit" or bool(value.strip()))
    if key == "higher_is_better":
        return isinstance(value, bool)
    if key == "decimals":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DECIMALS
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        return False
    numbers = [end for end in value if end is not None]
    return all(isinstance(end, int | float) and not isinstance(end, bool) for end in numbers) and (
        len(numbers) < 2 or numbers[0] < numbers[1]
    )


@cache
def packaged_facts() -> Mapping[str, Facts]:
    """Read the facts of the metrics of fercli, and of quantities that only publications print: name to facts.

    They are read as plain yaml, and no metric is built.
    """
    found: dict[str, Facts] = {}
    for path in [*metric_files(), Path(str(files("fercli.published.data").joinpath("quantities.yaml")))]:
        found |= {name: Facts.of(content, f"{path}: metric '{name}'") for name, content in _entries(path).items()}
    return found


def metric_files(folders: Iterable[Path] = ()) -> list[Path]:
    """Return the yaml files of the group `metrics`: first those of the user's own folders, then those of fercli."""
    return [path for folder in (*folders, CONF) for path in sorted((Path(folder) / "metrics").rglob("*.yaml"))]


def facts_of(metrics: Mapping[str, Mapping[str, Any]], folders: Iterable[Path] = ()) -> dict[str, Facts]:
    """Read the facts of the metrics of a configuration: name to facts.

    Args:
        metrics: the group `metrics` as plain dictionaries.
        folders: of the user's own yaml files, as `--config-dir` names them; an error names the file in them.

    Raises:
        ConfigError: a metric lacks a fact, one is of the wrong kind, or a metric is a value without keys.
    """
    found = {}
    for name, content in metrics.items():
        if not isinstance(content, Mapping):
            value = "null" if content is None else content
            raise ConfigError(f"metrics.{name}: expected a metric, with keys such as label and function; found {value}")
        if "_target_" not in content:  # an option of a metric whose group is not chosen
            continue
        try:
            found[name] = Facts.of(content, f"metrics.{name}")
        except ConfigError:
            homes = [path for path in metric_files(folders) if name in _entries(path)]
            where = f"{homes[0]}: metric '{name}'" if homes else f"metrics.{name}"
            found[name] = Facts.of(content, where)  # raises again, with the file
    return found


def _entries(path: Path) -> dict[str, Any]:
    """Read the metrics of one file: name to entry. A broken yaml gives none; composing reports it."""
    import yaml

    try:
        content = yaml.load(
            path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )  # the C loader is as safe and ten times as fast
    except (OSError, yaml.YAMLError):
        return {}
    return {name: entry for name, entry in (content or {}).items() if isinstance(entry, dict)}
