"""Words for what an interval is over, such as 41 subjects: in tables, on pages and in sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from fercli.errors import RunError

PLURALS = {"subject": "subjects", "sitting": "sittings", "video": "videos", "row": "samples"}
Counts = Mapping[str, int]  # how many units of each kind
NOT_SAID = "samples, taken as independent"  # an earlier fercli did not write what it drew


def in_words(counts: Counts) -> str:
    """Say how many units of each kind there are.

    Examples:
        >>> from fercli.intervals import in_words
        >>> in_words({"subject": 1, "row": 1200})
        '1 subject and 1,200 samples'
    """
    named = (f"{n:,} {kind if kind != 'row' else 'sample'}" if n == 1 else f"{n:,} {PLURALS[kind]}"
             for kind, n in counts.items())  # fmt: skip
    return " and ".join(named) or "no sample"


def kinds_in_words(counts: Counts) -> str:
    """Name the kinds of units.

    Examples:
        >>> kinds_in_words({"subject": 1, "row": 1200})
        'subjects and samples'
    """
    return " and ".join(PLURALS[kind] for kind in counts) or PLURALS["row"]


def recorded_units(score: Mapping[str, Any], where: str) -> Counts:
    """Return what the interval of a metric in a `metrics.json` is over; empty where the file does not say.

    Args:
        score: the entry of the metric.
        where: the file and the metric, for messages.

    Raises:
        RunError: it is no number of units by kind.
    """
    found = score.get("units", {})
    if not isinstance(found, Mapping) or not all(
        kind in PLURALS and type(count) is int and count > 0 for kind, count in found.items()
    ):
        raise RunError(f"{where}: expected units such as {{subject: 41}}, of {', '.join(PLURALS)}; found {found!r}")
    return dict(found)


def over(counts: Iterable[Counts]) -> str:
    """Say what intervals are over: `41 subjects`; where they differ, all of them.

    Examples:
        >>> over([{"subject": 41}, {"subject": 41}, {"video": 96}])
        '41 subjects or 96 videos'
    """
    return " or ".join(dict.fromkeys(in_words(one) if one else NOT_SAID for one in counts)) or NOT_SAID
