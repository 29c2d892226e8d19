"""What was understood of a raw data set, in words: labels, splits, people, videos and sizes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from fercli.datasets.reader import Reader, SaysUnderstood
from fercli.datasets.source import Source
from fercli.errors import printable
from fercli.fields import NUMBERS
from fercli.records import SPLITS, Record
from fercli.scales import Scale

MOST_CLASSES = 12
PEOPLE = ("subject", "session", "video")

Size = tuple[int, int]  # width and height in pixels


def understood(
    reader: Reader,
    source: Source,
    records: Sequence[Record],
    sizes: Mapping[Size, int],
    scale: Scale,
    rule: str = "",
) -> dict[str, str]:
    """Return what was understood, by what it is about.

    Args:
        records: the rows that are kept.
        sizes: number of images of each size.
        scale: of the severity scores.
        rule: how the splits are made.
    """
    found = reader.understood(source) if isinstance(reader, SaysUnderstood) else {}
    scales = reader.info.extra.get("questionnaires", {})
    found |= dict(chain(_expressions(records), _numbers(records, scale), _questionnaires(records, scales)))
    splits = Counter(record.split for record in records)
    counts = ", ".join(f"{splits[split]:,} {split}" for split in SPLITS if splits[split])
    found["splits"] = f"{counts} ({rule})" if rule else counts
    for name in PEOPLE:
        known = {getattr(record, name) for record in records} - {None}
        found[f"{name}s"] = f"{len(known):,}" if known else f"not given{WARNINGS.get(name, '')}"
    if not any(record.video for record in records):
        del found["videos"], found["sessions"]
    found["image sizes"] = _sizes(sizes)
    return {name: text for name, text in found.items() if text}


WARNINGS = {"subject": ": one person may be in two splits; name the column subject, if there is one"}


def _expressions(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    counts = Counter(record.expression for record in records if record.expression is not None)
    if counts:
        listed = ", ".join(f"{printable(name)} ({number:,})" for name, number in counts.most_common(MOST_CLASSES))
        more = f" and {len(counts) - MOST_CLASSES:,} more" if len(counts) > MOST_CLASSES else ""
        yield "classes", listed + more


def _numbers(records: Sequence[Record], scale: Scale) -> Iterable[tuple[str, str]]:
    for name in NUMBERS:
        values = [value for record in records if (value := getattr(record, name)) is not None]
        if values:
            of_scale = f" on the {scale.range}" if name == "score" else ""
            found = f"{min(values):g} to {max(values):g}{of_scale}, in {_rows(len(values))}"
            yield name, found + _hint(values, scale) if name == "score" else found


def _questionnaires(records: Sequence[Record], scales: Mapping[str, Scale]) -> Iterable[tuple[str, str]]:
    """Yield the scores of each of several questionnaires, with the number of rows that lack one."""
    for name, scale in scales.items():
        values = [float(dict(record.more)[name]) for record in records if name in dict(record.more)]
        spread = f"{min(values):g} to {max(values):g} " if values else ""
        lacking = f"; {len(records) - len(values):,} without" if len(values) < len(records) else ""
        yield name, f"{spread}on the {scale.range}, in {_rows(len(values))}{lacking}{_hint(values, scale)}"


def _rows(number: int) -> str:
    return f"{number:,} row{'s' if number != 1 else ''}"


def _hint(scores: Sequence[float], scale: Scale) -> str:
    """Return a doubt where the scores use so little of the range that another scale may be meant."""
    narrow = len(scores) >= 20 and max(scores) <= scale.low + (scale.high - scale.low) / 2
    return ". None is in the upper half of the range: is this the right scale? scale=..." if narrow else ""


def _sizes(sizes: Mapping[Size, int]) -> str:
    if not sizes:
        return ""
    (width, height), _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    most = f"{width} x {height} pixels"
    if len(sizes) == 1:
        return f"all {most}"
    small, large = min(sizes, key=lambda size: size[0] * size[1]), max(sizes, key=lambda size: size[0] * size[1])
    return f"{small[0]} x {small[1]} to {large[0]} x {large[1]} pixels, most often {most}"
