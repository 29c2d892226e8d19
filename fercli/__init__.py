"""fercli: experiments in facial affect whose numbers can be traced and repeated."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Return `__version__`; it is read from the installed package only when somebody asks."""
    if name == "__version__":
        from importlib.metadata import version

        return version("fercli")
    raise AttributeError(f"module 'fercli' has no attribute '{name}'")
