"""Errors for the person who reads them: what was expected, what was found, what to do."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

# Numbers of errors of the operating system that follow from what a file holds, such as a place before its beginning.
OF_CONTENT = (None, errno.EINVAL, errno.EOVERFLOW, errno.ERANGE, errno.EDOM, errno.EILSEQ)
Value = TypeVar("Value")

MOST_CHOICES = 64  # that a message lists


class FercliError(Exception):
    """Base of every error that a user can mend; the command line prints it without a traceback."""


class ConfigError(FercliError):
    """An option, a choice or a yaml file is wrong. Exit status 2."""


class DataError(FercliError):
    """A raw data set, a store or a field in it is missing or damaged. Exit status 2."""


class RunError(FercliError):
    """A run folder or a training process is not in the state that the command needs. Exit status 2."""


def choose(what: str, value: Value, choices: Iterable[Value | str], where: str = "") -> Value:
    """Give a value that is one of the choices.

    Args:
        what: what is chosen, such as `head.fusion` or `data set`.
        value: as somebody gave it. None is called null, as in a yaml file.
        choices: all that there are; None may be one of them.
        where: words that follow the value in the message, such as ` for FER+`.

    Raises:
        ConfigError: the value is none of the choices. The message lists them and names the nearest.
    """
    known = list(choices)
    if value in known:
        return value
    names = ["null" if name is None else str(name) for name in known]
    raise ConfigError(f"no {what} named '{value}'{where}; {nearest(str(value), names)}")


def nearest(word: str, choices: list[str] | tuple[str, ...]) -> str:
    """The end of an error message: the choices, and the nearest of them to what was typed.

    Of more choices than a person reads, only those that are near.
    """
    from difflib import get_close_matches

    if len(choices) <= MOST_CHOICES:
        close = get_close_matches(word, choices, n=1)
        return f"choices: {', '.join(sorted(choices))}" + (f"; did you mean '{close[0]}'?" if close else "")
    close = get_close_matches(word, choices, n=4, cutoff=0.4)
    return f"of {len(choices)} choices the nearest are {', '.join(close)}" if close else f"there are {len(choices)}"


@contextmanager
def reading(
    file: str | Path, expected: str, *, error: type[FercliError] = DataError, remedy: str = "copy the file again"
) -> Iterator[None]:
    """Turn whatever a library raises while it reads a file into one message that names the file.

    A damaged file makes a library raise nearly anything, so no list of exceptions is long enough.

    Args:
        file: what the message names.
        expected: what the file should hold, such as "a NumPy array".
        error: DataError for raw data and stores, RunError for run folders, ConfigError for yaml files.
        remedy: what the reader of the message can do.

    Raises:
        FercliError: of the kind `error`. A FercliError from inside passes as it is. So does an error of the operating
            system, such as a missing permission: it says nothing about the content of the file.
    """
    try:
        yield
    except FercliError:
        raise
    except Exception as cause:
        if isinstance(cause, OSError) and cause.errno not in OF_CONTENT:
            raise
        raise error(
            f"{printable(str(file))} is damaged: expected {expected}, found {_said(cause)}; {remedy}"
        ) from cause


def _said(cause: Exception) -> str:
    if isinstance(cause, MemoryError):
        return "content that needs more memory than there is"
    if isinstance(cause, RecursionError):
        return "content that refers to itself, or is nested too deep"
    message = printable(str(cause).strip().partition("\n")[0])[:200]
    return f"{type(cause).__name__}{f' ({message})' if message else ''}"


def printable(text: str) -> str:
    """The text with control characters, marks of direction and undecodable bytes written as escapes.

    For text from data, such as a class or a file name: a terminal would obey an escape sequence in it.
    """
    if text.isprintable():  # such as a figure in a page, of a million characters
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )


def printable_lines(text: str) -> str:
    """`printable`, with ends of lines kept."""
    return "\n".join(map(printable, text.split("\n")))
