"""Drawing a raw data set into a folder once: the folder holds the complete data set, or does not exist."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fercli.errors import DataError

OPTIONS = "options.json"


def draw_once(folder: Path, options: Mapping[str, Any], write: Callable[[Path], None]) -> None:
    """Draw into a folder that is missing or empty; do nothing if it was drawn with the same options.

    Args:
        options: everything that decides what is drawn; kept in the folder as `options.json`.
        write: function that draws into the empty folder that it is given.

    Raises:
        DataError: the folder holds something else, or was drawn with other options.
    """
    if (folder / OPTIONS).is_file():
        _compare(folder, options)
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise DataError(f"expected an empty folder to draw into; found other files in {folder}. Give another one")
    place = folder.resolve()
    unfinished = place.with_name(f"{place.name}.unfinished")
    if unfinished.exists():  # an earlier call was killed
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True)
    write(unfinished)
    (unfinished / OPTIONS).write_text(json.dumps(dict(options), indent=2) + "\n")
    os.replace(unfinished, place)


def _compare(folder: Path, options: Mapping[str, Any]) -> None:
    drawn = json.loads((folder / OPTIONS).read_text())
    different = [name for name, value in options.items() if drawn.get(name) != value]
    if different:
        wanted = ", ".join(f"{name}={options[name]}" for name in different)
        found = ", ".join(f"{name}={drawn.get(name, 'unknown')}" for name in different)
        raise DataError(
            f"expected a data set drawn with {wanted} in {folder}; found one drawn with {found}. "
            "Give another folder as raw=, or set the options of data.reader to those of this data set"
        )
