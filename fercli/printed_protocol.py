"""The fields of a protocol in words, as pages and tables print them."""

from collections.abc import Mapping

from fercli.protocol import FIELDS, NEAR_TOGETHER, NOT_SAID, SELECTIONS, Protocol


def said(value: str) -> str:
    """Return a value as it is printed.

    Examples:
        >>> said("ImageNet"), said("")
        ('ImageNet', 'not said')
    """
    return value or "not said"


def epoch_in_words(protocol: Protocol) -> str:
    """Say how the epoch was chosen, and by which number.

    Examples:
        >>> epoch_in_words(Protocol("RAF-DB", selection="holdout", criterion="mean_class_accuracy"))
        'best epoch on a held-out part of the training split, by mean class accuracy'
        >>> epoch_in_words(Protocol("RAF-DB"))
        'choice of the epoch not said'
    """
    if protocol.selection == NOT_SAID:
        return "choice of the epoch not said"
    by = f", by {protocol.criterion.replace('_', ' ')}" if protocol.criterion else ""
    return selection_in_words(protocol.selection, SELECTIONS) + by


def selection_in_words(selection: str, words: Mapping[str, str]) -> str:
    """Say how the epoch was chosen, and whether near-duplicates stayed together.

    Args:
        words: for the keys of `SELECTIONS`; another selection is its own words.

    Examples:
        >>> selection_in_words("holdout, near-duplicates together", {"holdout": "chosen on held-out rows"})
        'chosen on held-out rows, near-duplicates together'
    """
    key = selection.removesuffix(NEAR_TOGETHER)
    return words.get(key, key) + selection.removeprefix(key)


def fields_in_words(protocol: Protocol) -> dict[str, str]:
    """Return every field as a page shows it: name to value."""
    return {name.replace("_", " "): said(getattr(protocol, name)) for name in FIELDS} | {
        "selection": epoch_in_words(protocol)
    }
