"""Files whose libraries may crash when they are damaged: a child process reads them, and hands over plain JSON."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fercli.errors import DataError, reading
from fercli.process import ending_at_once, python

SECONDS = 600  # that the child may take
# Bytes of address space of the child: a damaged file declares any size.
LIBRARIES, PER_BYTE = 4 * 2**30, 64
REFUSED = 3  # its exit status where it says why


def read_apart(reader: Callable[..., Any], path: str | Path, place: str, expected: str, *arguments: str) -> Any:
    """What a function reads from a file, as JSON knows it.

    Args:
        reader: a function of a module, which the child imports; called with `path`, `place` and the arguments.
        place: what messages name the file.
        expected: what the file should hold, such as "a MATLAB file".

    Raises:
        DataError: the file cannot be read; also where it crashes the library, or takes too much memory or time. Its
            message is one line.
    """
    command = python("-m", "fercli.apart", reader.__module__, reader.__name__, str(path), place, expected, *arguments)
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise DataError(f"{place} is damaged: reading it did not end in {SECONDS} s; copy it again") from None
    if done.returncode == REFUSED and (said := done.stderr.decode("utf-8", "replace").strip()):
        raise DataError(said.splitlines()[-1])
    if done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise DataError(f"{place} is damaged: expected {expected}; its library ended with {how}; copy it again")
    with reading(place, expected):
        return json.loads(done.stdout)


def _limit_memory(num_bytes: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = LIBRARIES + PER_BYTE * num_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def main(module: str, function: str, path: str, place: str, expected: str, *arguments: str) -> int:
    """Print what a file holds; else the last line of what is said is the message of a DataError."""
    try:
        _limit_memory(os.path.getsize(path))
        reader = getattr(importlib.import_module(module), function)
        with reading(place, expected):
            text = json.dumps(reader(path, place, *arguments), default=str)
    except DataError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except OSError as error:  # of the system: it says nothing of the content
        print(f"{place} cannot be read: {error.strerror or error}; check the path and its permissions", file=sys.stderr)
        return REFUSED
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    with ending_at_once():
        sys.exit(main(*sys.argv[1:]))
