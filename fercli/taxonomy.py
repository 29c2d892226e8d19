"""Expression vocabularies, and the maps between the words of the data sets.

The canonical order is used wherever fercli orders classes. Data sets are joined through names, never through
indices, because the same index means another expression in almost every release.
"""

import re
from collections.abc import Iterable

EXPRESSIONS = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")

# Words that releases and folder names use for the canonical expressions, in lower case.
SYNONYMS = {
    "angry": "anger",
    "disgusted": "disgust",
    "fearful": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}


# A whole number, also as a table with missing cells writes it again: 3.0.
WHOLE = re.compile(r"(-?\d+)\.0+", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def canonical(name: str) -> str:
    """The canonical expression for a word of a data set, `3` for `3.0`; any other word comes back stripped."""
    word = name.strip()
    lower = word.lower()
    lower = SYNONYMS.get(lower, lower)
    if whole := WHOLE.fullmatch(word):
        return whole[1]
    return lower if lower in EXPRESSIONS else word


def class_order(names: Iterable[str]) -> tuple[str, ...]:
    """Distinct class names in label order: expressions canonically, numbers by value, other words alphabetically."""

    def key(name: str) -> tuple[int, float, str]:
        if name in EXPRESSIONS:
            return (0, EXPRESSIONS.index(name), name)
        return (1, float(name), name) if NUMBER.fullmatch(name) else (2, 0, name)

    return tuple(sorted(set(names), key=key))
