"""How every Python process of fercli is started: never with the working folder among the places to import from."""

import os
import sys

SAFE_PATH = ("PYTHONSAFEPATH", "1")


def python(*arguments: str) -> list[str]:
    """The command of a Python process.

    `-P` keeps the working folder out of `sys.path`. Otherwise a file `hydra.py` that came with somebody's data would be
    run in place of the library, in the folder where the user types a command.

    Args:
        arguments: of Python, such as `-m`, `fercli`, `train`.
    """
    return [sys.executable, "-P", *arguments]


def protect_children() -> None:
    """Keep the working folder out of `sys.path` of processes that libraries start, such as those of further devices."""
    os.environ.setdefault(*SAFE_PATH)
