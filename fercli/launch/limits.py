"""Time limits and memory as SLURM writes them, for other clusters."""

import re

from fercli.errors import ConfigError

UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
FORMS = (
    r"(?P<days>\d+)-(?P<hours>\d+)(:(?P<minutes>\d+)(:(?P<seconds>\d+))?)?",
    r"(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)",
    r"(?P<minutes>\d+)(:(?P<seconds>\d+))?",
)


def seconds_of(time: str | int) -> int:
    """Return a time limit in seconds: minutes, `minutes:seconds`, `hours:minutes:seconds` or `days-hours[:...]`.

    Raises:
        ConfigError: it is none of these.
    """
    for form in FORMS:
        if found := re.fullmatch(form, str(time)):
            return sum(UNITS[name] * int(value) for name, value in found.groupdict().items() if value)
    raise ConfigError(f"expected launcher.time such as 24:00:00, 1-12:00:00 or 90 (minutes); found {time}")


def in_bytes(memory: str) -> str:
    """Return memory with the unit that PBS and LSF read: `32G` becomes `32GB`."""
    return f"{memory}B" if re.fullmatch(r"\d+[KMGT]", memory) else memory
