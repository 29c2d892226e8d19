"""How a function of the user is called: checked before anything trains."""

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

from fercli.errors import ConfigError


def require_arguments(call: Callable[..., Any], reads: Sequence[str], what: str, **others: Any) -> None:
    """Check that a function can be called with one argument for each field that it reads.

    Args:
        call: the function; one without a signature, as some that are written in C, is not checked.
        reads: names of the fields, in the order of the arguments.
        what: what the error names, such as `loss 'focal'`.
        others: arguments by name that it gets besides.

    Raises:
        ConfigError: it takes another number of arguments.
    """
    try:
        takes = signature(call)
    except (TypeError, ValueError):
        return
    try:
        takes.bind(*reads, **others)
    except TypeError as error:
        raise ConfigError(
            f"{what} reads {', '.join(reads)}, but its function takes ({', '.join(takes.parameters)}): {error}; "
            "list in reads one field for each argument, in their order"
        ) from None
