"""Cautions about intervals over few units, and sentences below tables of intervals."""

from collections.abc import Iterable, Mapping, Sequence

from fercli.intervals import Counts, in_words, over

FEW = 10  # with fewer units, simulated 95 % intervals held less than 93 %


def caution(counts: Counts) -> str:
    """Say what few units mean for an interval; empty for enough of them.

    Examples:
        >>> from fercli.interval_notes import caution
        >>> caution({"subject": 6})
        'an interval over 6 subjects may be too narrow'
    """
    if (number := sum(counts.values())) >= FEW:
        return ""
    if number < 2:
        return f"no interval: all samples are of {in_words(counts)}"
    return f"an interval over {in_words(counts)} may be too narrow"


def cautions(counts: Iterable[Counts]) -> list[str]:
    """Return a sentence for each number of units that is small; none for enough units."""
    found = dict.fromkeys(caution(one) for one in counts if one)
    return [f"{text[0].upper()}{text[1:]}." for text in found if text]


def interval_notes(counts: Mapping[str, Counts]) -> Sequence[str]:
    """Return sentences on the intervals of metrics: what each is over, and cautions.

    Args:
        counts: for each printed metric that has an interval, by its label.

    Examples:
        >>> interval_notes({"accuracy": {"subject": 41}, "MAE": {"subject": 41}})
        ['95 % intervals are over 41 subjects.']
        >>> interval_notes({"accuracy": {"row": 300}, "MAE": {"video": 96}})
        ['95 % intervals are over 300 samples (accuracy) and 96 videos (MAE).']
    """
    labels: dict[str, list[str]] = {}
    for label, one in counts.items():
        if not one or sum(one.values()) > 1:
            labels.setdefault(over([one]), []).append(label)
    said = [f"{words} ({', '.join(names)})" if len(labels) > 1 else words for words, names in labels.items()]
    sentence = [f"95 % intervals are over {' and '.join(said)}."] if said else []
    return [*sentence, *cautions(counts.values())]
