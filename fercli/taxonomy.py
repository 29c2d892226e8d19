"""Expression vocabularies, and the maps between the words of the data sets.

The canonical order is used wherever fercli orders classes. Data sets are joined through names, never through
indices, because the same index means another expression in almost every release.
"""

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


def canonical(name: str) -> str:
    """The canonical expression for a word of a data set; a word that is no expression comes back stripped, as it is."""
    word = name.strip()
    lower = word.lower()
    lower = SYNONYMS.get(lower, lower)
    return lower if lower in EXPRESSIONS else word


def class_order(names: Iterable[str]) -> tuple[str, ...]:
    """Distinct class names in label order: expressions canonically, numbers by value, other words alphabetically."""

    def key(name: str) -> tuple[int, int, str]:
        if name in EXPRESSIONS:
            return (0, EXPRESSIONS.index(name), name)
        return (1, int(name), name) if name.isdecimal() else (2, 0, name)

    return tuple(sorted(set(names), key=key))
