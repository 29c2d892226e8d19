"""Expression vocabularies, and the maps between the words of the data sets.

The canonical order is used wherever fercli orders classes. Data sets are joined through names, never through
indices, because almost every release numbers the expressions differently.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence

ALL_CLASSES = "all_classes"  # ends the folder of an evaluation on all classes of a run and of another store
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


# A whole number; a table with missing cells writes it as 3.0.
WHOLE = re.compile(r"(-?\d+)\.0+", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def canonical(name: str) -> str:
    """Return the canonical expression for a word of a data set, and `3` for `3.0`. Any other word is only stripped."""
    word = name.strip()
    lower = word.lower()
    lower = SYNONYMS.get(lower, lower)
    if whole := WHOLE.fullmatch(word):
        return whole[1]
    return lower if lower in EXPRESSIONS else word


def class_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort distinct class names: expressions in canonical order, numbers by value, other words alphabetically."""

    def key(name: str) -> tuple[int, float, str]:
        if name in EXPRESSIONS:
            return (0, EXPRESSIONS.index(name), name)
        return (1, float(name), name) if NUMBER.fullmatch(name) else (2, 0, name)

    return tuple(sorted(set(names), key=key))


def common_classes(vocabularies: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the names that all vocabularies have, in the order of the first one.

    Examples:
        >>> common_classes([("neutral", "fear", "contempt"), ("fear", "neutral", "pain")])
        ('neutral', 'fear')
    """
    first, *others = vocabularies
    return tuple(name for name in first if all(name in names for names in others))


def classes_key(names: Iterable[str]) -> str:
    """Return a short name of a set of classes, for the folder of an evaluation on these classes alone."""
    return f"classes_{hashlib.sha256(json.dumps(sorted(names)).encode()).hexdigest()[:6]}"


def is_of_classes(name: str) -> bool:
    """Return whether this is the folder of an evaluation on some classes alone, or on all of two vocabularies.

    Examples:
        >>> is_of_classes("rafdb-test-0a1b2c3d-classes_4e5f6a"), is_of_classes("rafdb-test-0a1b2c3d-svm_4e5f6a")
        (True, False)
    """
    return name.endswith(f"-{ALL_CLASSES}") or "-classes_" in name
