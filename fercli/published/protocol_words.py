"""A protocol in short plain words, for titles of blocks and lines of explanations."""

from collections.abc import Iterator

from fercli.printed_protocol import selection_in_words
from fercli.protocol import NOT_SAID, Protocol

SELECTIONS = {
    "holdout": "epoch chosen on held-out training rows",
    "validation": "epoch chosen on the validation split",
    "reported split": "epoch chosen on this split",
    "another split": "epoch chosen on another split",
    "last": "last epoch",
    "training loss": "stopped by the training loss",
}
AGGREGATIONS = {"single": "single run", "mean": "mean of runs", "median": "median of runs", "best": "best of runs"}


def in_words(protocol: Protocol) -> str:
    """Describe the known fields of a protocol in words, without the data set; fields that are "not said" are left out.

    Examples:
        >>> in_words(Protocol("RAF-DB", split="test", split_rule="official", classes="7", repeats="1"))
        'official test, 7 classes'
        >>> in_words(Protocol("RAF-DB", pretraining="none"))
        'split not said, from scratch'
    """
    return ", ".join(_parts(protocol))


def _parts(protocol: Protocol) -> Iterator[str]:
    yield _split(protocol)
    if protocol.version:
        yield protocol.version
    if protocol.classes:
        yield f"{protocol.classes} classes"
    if protocol.labels:
        yield "manual labels" if protocol.labels == "manual" else protocol.labels
    if protocol.pretraining:
        yield "from scratch" if protocol.pretraining == "none" else f"pre-trained on {protocol.pretraining}"
    if protocol.selection:
        by = f" by {protocol.criterion.replace('_', ' ')}" if protocol.criterion else ""
        yield selection_in_words(protocol.selection, SELECTIONS) + by
    if protocol.options:
        yield f"options chosen by {protocol.options}"
    if protocol.aggregation:
        yield AGGREGATIONS.get(protocol.aggregation, f"{protocol.aggregation} runs")
    if protocol.crop:
        yield protocol.crop
    if protocol.landmarks:
        yield f"landmarks of {protocol.landmarks}"


def _split(protocol: Protocol) -> str:
    if protocol.split == NOT_SAID:
        return "split not said"
    if protocol.split_rule == "official":
        return f"official {protocol.split}"
    parts = [protocol.split] + ([protocol.split_rule] if protocol.split_rule else [])
    return ", ".join(parts) + (f" ({protocol.repeats} splits)" if protocol.repeats not in (NOT_SAID, "1") else "")
