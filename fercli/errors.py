"""Errors for the person who reads them: what was expected, what was found, what to do."""


class FercliError(Exception):
    """Base of every error that a user can mend; the command line prints it without a traceback."""


class ConfigError(FercliError):
    """An option, a choice or a yaml file is wrong. Exit status 2."""


class DataError(FercliError):
    """A raw data set, a store or a field in it is missing or damaged. Exit status 2."""


class RunError(FercliError):
    """A run folder or a training process is not in the state that the command needs. Exit status 2."""


def nearest(word: str, choices: list[str] | tuple[str, ...]) -> str:
    """The end of an error message: the choices, and the nearest of them to what was typed."""
    from difflib import get_close_matches

    close = get_close_matches(word, choices, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"choices: {', '.join(sorted(choices))}{hint}"
