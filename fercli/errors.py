"""Errors for the person who reads them: what was expected, what was found, what to do."""

MOST_CHOICES = 64  # that a message lists


class FercliError(Exception):
    """Base of every error that a user can mend; the command line prints it without a traceback."""


class ConfigError(FercliError):
    """An option, a choice or a yaml file is wrong. Exit status 2."""


class DataError(FercliError):
    """A raw data set, a store or a field in it is missing or damaged. Exit status 2."""


class RunError(FercliError):
    """A run folder or a training process is not in the state that the command needs. Exit status 2."""


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
