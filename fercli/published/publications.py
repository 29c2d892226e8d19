"""Each published number once: the lines of `data/published` that print the same number are merged."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from fercli.protocol import NOT_SAID, Protocol

CITATION = re.compile(r"\s*\[[^\]]*\]\s*")  # the number under which a source cites a paper


@dataclass(frozen=True, slots=True)
class Publication:
    """A published number, which several lines may print.

    Attributes:
        name: what was measured, with the modality where a table holds it for several.
        protocol: the fields of all its lines together.
        printed: the number, from the line that prints the most digits.
        lines: rows of `published`, in the order of the files.
        repeats: rows of `repeats` that were measured under a protocol that does not contradict this protocol.
    """

    name: str
    protocol: Protocol
    printed: str
    lines: tuple[dict[Any, Any], ...]
    repeats: pd.DataFrame

    @property
    def value(self) -> float:
        """The number, in the unit in which it is printed."""
        return float(self.printed)

    @property
    def reference(self) -> str:
        """Who is responsible for the number, without the citation number of the source."""
        return CITATION.sub(" ", self.lines[0]["reference"]).strip()

    @property
    def year(self) -> int | None:
        """The earliest year that a line gives; None without a year."""
        years = [int(line["year"]) for line in self.lines if line["year"]]
        return min(years, default=None)

    @property
    def sd(self) -> float | None:
        """The standard deviation that is printed beside the number; None without one."""
        return self._first("sd")

    @property
    def runs(self) -> int | None:
        """The number of runs or splits behind the number; None where it is not said."""
        count = self._first("n")
        return None if count is None else int(count)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The remarks of all lines that cast doubt on the number, each once."""
        return tuple(dict.fromkeys(doubt for line in self.lines for doubt in line["doubts"]))

    @property
    def places(self) -> tuple[str, ...]:
        """Every file and table that prints the number."""
        return tuple(dict.fromkeys(f"{line['file']}: {line['table']}" for line in self.lines))

    def _first(self, column: str) -> float | None:
        return next((float(line[column]) for line in self.lines if not pd.isna(line[column])), None)


def publications(prints: pd.DataFrame, others: pd.DataFrame) -> list[Publication]:
    """Merge the lines of one data set and metric into numbers, each once, in the order of the files.

    Lines are one number if the name is the same, the values agree in all digits that both print (rounded or cut off),
    and no field of the protocol contradicts.

    Args:
        prints: rows of `published`.
        others: rows of `repeats`.
    """
    modalities = prints.groupby(["source", "table", "name"])["modality"].transform("nunique")
    found: list[Publication] = []
    for line, several in zip(prints.to_dict("records"), modalities, strict=True):
        name = f"{line['name']} ({line['modality']})" if several > 1 else line["name"]
        one = Publication(name, line["protocol"], line["printed"], (line,), others[:0])
        same = next((i for i, other in enumerate(found) if _same(other, one)), None)
        if same is None:
            found.append(one)
        else:
            found[same] = _together(found[same], one)
    compared = _places(others)
    return [replace(one, repeats=others.iloc[_fitting(one, compared)]) for one in found]


def agree(first: Protocol, second: Protocol) -> bool:
    """Return whether no field has two different values; a field that is "not said" contradicts nothing."""
    pairs = ((getattr(first, field.name), getattr(second, field.name)) for field in fields(Protocol))
    return all(one == other or NOT_SAID in (one, other) for one, other in pairs)


def held_against_none(others: pd.DataFrame, numbers: Iterable[Publication]) -> pd.DataFrame:
    """Return the repeats that belong to no published number."""
    used = {index for number in numbers for index in number.repeats.index}
    return others[~others.index.isin(used)]


Places = Mapping[tuple[str, float], list[tuple[int, Protocol]]]


def _places(others: pd.DataFrame) -> Places:
    """Return the place and the protocol of each repeat, by the method and the value that it is compared with."""
    found: dict[tuple[str, float], list[tuple[int, Protocol]]] = {}
    compared = zip(others["method"], others["published"], others["protocol"], strict=True)
    for place, (method, value, protocol) in enumerate(compared):
        found.setdefault((method, value), []).append((place, protocol))
    return found


def _fitting(number: Publication, compared: Places) -> list[int]:
    held = compared.get((number.name, number.value), [])
    return [place for place, protocol in held if agree(protocol, number.protocol)]


def _same(first: Publication, second: Publication) -> bool:
    named = first.name == second.name or {line["name"] for line in first.lines} == {second.name}
    return named and _same_digits(first.printed, second.printed) and agree(first.protocol, second.protocol)


def _same_digits(first: str, second: str) -> bool:
    coarse, fine = sorted((Decimal(first), Decimal(second)), key=lambda number: -int(number.as_tuple().exponent))
    return coarse in (fine.quantize(coarse, ROUND_HALF_UP), fine.quantize(coarse, ROUND_DOWN))


def _together(first: Publication, second: Publication) -> Publication:
    said = {
        field.name: getattr(first.protocol, field.name) or getattr(second.protocol, field.name)
        for field in fields(Protocol)
    }
    printed = max(first.printed, second.printed, key=lambda text: -int(Decimal(text).as_tuple().exponent))
    return replace(first, protocol=Protocol(**said), printed=printed, lines=(*first.lines, *second.lines))
