"""Networks and weights that libraries offer: the errors for a wrong name and for a failed download."""

import difflib
from collections.abc import Callable, Iterable
from typing import TypeVar

from fercli.errors import ConfigError, DataError

T = TypeVar("T")


def no_such_network(name: str, choices: Iterable[str], library: str) -> ConfigError:
    """Return the error for a name that a library does not have, with the nearest names that it has."""
    close = difflib.get_close_matches(name, list(choices), n=5)
    hint = f"the nearest are {', '.join(close)}" if close else f"see the documentation of {library} for its names"
    return ConfigError(f"no network named '{name}' in {library}; {hint}")


def downloaded(download: Callable[[], T], what: str, place: str) -> T:
    """Return the result of `download`.

    Raises:
        DataError: the download failed; the message says which file to place where.
    """
    try:
        return download()
    except Exception as error:  # the libraries pass on any error of their network client
        raise DataError(
            f"expected to download {what}, found: {error}\n"
            f"Place the file in {place}, or give its path as backbone.weights; null starts from random weights"
        ) from error
