"""Errors for the person who reads them: what was expected, what was found, what to do."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

# Errors of the operating system that the content of a file causes, such as a seek before its beginning.
OF_CONTENT = (None, errno.EINVAL, errno.EOVERFLOW, errno.ERANGE, errno.EDOM, errno.EILSEQ)
Value = TypeVar("Value")

MOST_READ = 12  # choices that a message lists whatever was typed
MOST_CHOICES = 64  # that a message lists where nothing is near, and no command shows them
NEAR = 4  # choices that a message lists of many


class FercliError(Exception):
    """Base of every error that a user can fix; the command line prints it without a traceback."""

    status = 2  # of the process


class ConfigError(FercliError):
    """An option, a choice or a yaml file is wrong. Exit status 2."""


class DataError(FercliError):
    """A raw data set, a store or a field in it is missing or damaged. Exit status 2."""


class RunError(FercliError):
    """A run folder or a training process is not in the state that the command needs. Exit status 2."""


class StoppedRunError(RunError):
    """A signal stopped a training, which saved its state first and has not failed. Exit status 2."""


class InterruptedRunError(StoppedRunError):
    """Ctrl-C stopped a training, which saved its state first. Exit status 130, as of every command after Ctrl-C."""

    status = 130


def choose(what: str, value: Value, choices: Iterable[Value | str], where: str = "") -> Value:
    """Return the value if it is one of the choices.

    Args:
        what: name of the option, such as `head.fusion` or `data set`.
        value: as the user gave it. The message writes None as null, as in a yaml file.
        choices: all valid values; None may be one of them.
        where: words that follow the value in the message, such as ` for FER+`.

    Raises:
        ConfigError: the value is none of the choices. The message lists them and names the nearest.
    """
    known = list(choices)
    if value in known:
        return value
    names = ["null" if name is None else str(name) for name in known]
    raise ConfigError(f"no {what} named '{value}'{where}; {nearest(str(value), names)}")


def nearest(word: str, choices: list[str] | tuple[str, ...], shown_by: str = "") -> str:
    """Return the end of an error message: the choice nearest to what was typed, and the choices.

    Of more than `MOST_READ` choices, only the nearest ones are listed, the nearest first, if any is near, or if a
    command shows all. Of more than `MOST_CHOICES`, never all are listed.

    Args:
        shown_by: command that shows all choices; empty where there is none.
    """
    best = _close(word, choices, 1, 0.6)
    meant = f"did you mean '{best[0]}'? " if best else ""
    if len(choices) <= MOST_READ or (not best and not shown_by and len(choices) <= MOST_CHOICES):
        return f"{meant}choices: {', '.join(sorted(choices))}"
    near = _close(word, choices, NEAR, 0.4)
    count = f"{len(choices)} choices"
    listed = f"the nearest of {count}: {', '.join(near)}" if near else f"there are {count}"
    return meant + listed + (f"; `{shown_by}` shows all" if shown_by else "")


def _close(word: str, choices: Iterable[str], most: int, cutoff: float) -> list[str]:
    """Return the choices that are similar to a word, whatever its capitals, the nearest first."""
    from difflib import get_close_matches

    folded = {choice.casefold(): choice for choice in choices}
    return [folded[found] for found in get_close_matches(word.casefold(), folded, n=most, cutoff=cutoff)]


@contextmanager
def reading(
    file: str | Path, expected: str, *, error: type[FercliError] = DataError, remedy: str = "copy the file again"
) -> Iterator[None]:
    """Turn any exception of a library that reads a file into one message that names the file.

    A damaged file can make a library raise almost any exception, so a list of exceptions would not be complete.

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
    if isinstance(cause, UnicodeDecodeError):
        return f"bytes that are no {cause.encoding.upper()} text at position {cause.start:,}"
    message = printable(str(cause).strip().partition("\n")[0])[:200]
    return f"{type(cause).__name__}{f' ({message})' if message else ''}"


def printable(text: str) -> str:
    """Return the text with control characters, marks of direction and undecodable bytes written as escapes.

    Use it for text from data, such as a class or a file name: a terminal would obey an escape sequence in it.
    """
    if text.isprintable():  # such as a figure in a page, of a million characters
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )


def printable_lines(text: str) -> str:
    """Apply `printable`, but keep the line breaks."""
    return "\n".join(map(printable, text.split("\n")))
