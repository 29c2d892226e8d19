"""A list of crops: the same raw data prepared in several ways, a store for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fercli.errors import ConfigError

OWN = ("crops", "store")


def commands_of(crops: Mapping[str, Any], overrides: Sequence[str], store: Path) -> dict[str, list[str]]:
    """Return the overrides of `fercli preprocess` for each crop, by its name; its store lies in the folder `store`.

    Args:
        crops: name of each crop to its overrides, which come after the shared ones.
        overrides: as the user gave them.

    Raises:
        ConfigError: a crop is not a list of overrides, or names a store of its own.
    """
    shared = [word for word in overrides if word.lstrip("+~").partition("=")[0] not in OWN]
    found = {}
    for name, words in crops.items():
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) and "=" in word for word in words):
            raise ConfigError(f"expected crops.{name} as a list of overrides, such as [crop.margin=0]; found {words}")
        if own := [word for word in words if word.lstrip("+~").partition("=")[0] in (*OWN, "raw", "data")]:
            raise ConfigError(f"expected crops.{name} to change how faces are cut out, found {own[0]}")
        found[str(name)] = [*shared, *words, f"store={store / str(name)}"]
    return found
