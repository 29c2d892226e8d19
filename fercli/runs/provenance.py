"""Where a run's numbers come from: versions, commit, hardware, command; written, and read back."""

import json
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.parser import HeaderParser
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from fercli.runs.commit import commit
from fercli.runs.folder import write_json
from fercli.runs.hardware import hardware

PACKAGES = (
    "fercli",
    "torch",
    "torchvision",
    "timm",
    "pytorch-lightning",
    "torchmetrics",
    "numpy",
    "opencv-python-headless",
)


def provenance(data: dict[str, Any], parts: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return facts about this process, with the caller's description of the data.

    Args:
        data: description of the data.
        parts: parts of the training that earlier processes did, as `add_part` wrote them.
    """
    return {
        "command": shlex.join(["fercli", *sys.argv[1:]]),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {name: packages().get(name) for name in PACKAGES},
        "packages": packages(),
        "git": commit(),
        "hardware": hardware(),
        "data": data,
        "parts": list(parts),
    }


def add_part(folder: Path, first_step: int) -> None:
    """Note in `provenance.json` that this process trains from `first_step` on.

    A stopped run may continue with another version of the code, on another machine.
    """
    origin = read_provenance(folder)
    part = {name: origin.get(name) for name in ("started", "git", "hardware", "command")} | {"first_step": first_step}
    write_json(folder / "provenance.json", origin | {"parts": [*origin.get("parts", []), part]})


@cache
def packages() -> Mapping[str, str]:
    """Return the version of every installed package by its name in lower case: what a lock file holds.

    They are read once in a process, and only the heads of their descriptions, which takes a quarter of the time.
    """
    found: dict[str, str] = {}
    for entry in distributions():  # in the order in which Python searches for modules
        text = entry.read_text("METADATA") or entry.read_text("PKG-INFO") or ""
        head = HeaderParser().parsestr(text.partition("\n\n")[0])
        found.setdefault(str(head["Name"]).lower(), str(head["Version"]))
    return dict(sorted(found.items()))


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read `provenance.json` of a run; empty where it is missing or damaged, since no number depends on it."""
    try:
        content = json.loads((folder / "provenance.json").read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
