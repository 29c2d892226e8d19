"""Words for an evaluation on some classes alone, because a run and a store have different ones."""

from collections.abc import Mapping
from typing import Any


def in_common_in_words(result: Mapping[str, Any]) -> list[str]:
    """Say which classes are evaluated and what is left out; nothing for an evaluation on all classes.

    Args:
        result: content of a `metrics.json`.

    Examples:
        >>> in_common_in_words({"in_common": {"classes": ["fear", "anger"], "left_out": {"pain": 3}, "unused": []}})
        ['2 classes are evaluated: fear, anger. Left out: 3 samples of pain.']
    """
    common = result.get("in_common")
    if common is None:
        return []
    said = f"{len(common['classes'])} classes are evaluated: {', '.join(common['classes'])}."
    if common["left_out"]:
        said += (
            f" Left out: {', '.join(f'{number:,} samples of {name}' for name, number in common['left_out'].items())}."
        )
    if common["unused"]:
        said += f" Probabilities are divided by their sum without {', '.join(common['unused'])}."
    return [said]
