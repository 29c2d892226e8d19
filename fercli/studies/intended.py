"""The fields of the protocol in which a study departs from its source on purpose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fercli.errors import ConfigError, nearest
from fercli.protocol import FIELDS, Protocol

# What is evaluated: numbers that differ in one of these fields measure different things, whatever a study intends.
NEVER = ("dataset", "split", "split_rule", "labels", "classes")


@dataclass(frozen=True, slots=True)
class Intended:
    """One field in which measured and printed numbers differ on purpose.

    Attributes:
        field: a field of `fercli.protocol.Protocol`.
        reason: why a difference between the numbers is still meaningful.
        measured: the measured value to which the entry is limited; None for any.
        printed: the printed value to which the entry is limited, "" for "not said"; None for any.

    Raises:
        ConfigError: the protocol has no such field, or it is one of NEVER.
    """

    field: str
    reason: str
    measured: str | None = None
    printed: str | None = None

    def __post_init__(self) -> None:
        known = [name for name in FIELDS if name not in NEVER]
        if self.field in NEVER:
            raise ConfigError(
                f"expected fields of a protocol that may differ on purpose: {', '.join(known)}; found '{self.field}': "
                "numbers that differ in it measure different things"
            )
        if self.field not in FIELDS:
            raise ConfigError(f"no field '{self.field}' in a protocol; {nearest(self.field, known)}")

    def holds(self, measured: str, printed: str) -> bool:
        """Return whether the entry covers these two values."""
        return self.measured in (None, measured) and self.printed in (None, printed)


def intends(intended: Iterable[Intended], measured: Protocol, printed: Protocol) -> dict[str, bool]:
    """Return for each field in which two protocols differ whether this is intended."""
    by_field: dict[str, list[Intended]] = {}
    for entry in intended:
        by_field.setdefault(entry.field, []).append(entry)
    return {
        name: any(entry.holds(*values) for entry in by_field.get(name, ()))
        for name, values in measured.differences(printed).items()
    }


def of_source(intended: Mapping[str, Any], source: str, own: Any) -> list[Any]:
    """Join the entries that all studies of a source share with those of one study, as their yaml files hold them.

    Args:
        intended: the entries of `conf/intended`, by source.
        own: the entries of the study.
    """
    return [*intended.get(source, ()), *(own or ())]
