"""Where a run's numbers come from: versions, commit, hardware, command; written, and read back."""

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.parser import HeaderParser
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from fercli.runs.folder import write_json

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


def hardware() -> dict[str, Any]:
    """Return the CPU, its cores and threads, and the GPUs that torch sees."""
    import torch

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "processor": processor(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpus": devices,
    }


def processor() -> str:
    """Return the name of the CPU if the system gives it, else the kind of machine, for example `x86_64`."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read `provenance.json` of a run; empty where it is missing or damaged, since no number depends on it."""
    try:
        content = json.loads((folder / "provenance.json").read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def hardware_in_words(origin: dict[str, Any]) -> str:
    """Describe the hardware from `read_provenance`: the GPUs, and the CPU with its cores and threads in use."""
    found = origin.get("hardware", {})
    words = list(found.get("gpus", []))
    if "cores" in found:
        name = found.get("processor", found["machine"])
        words.append(f"{name}, {found['cores']} cores, threads: {found['threads']}")
    return "; ".join(words)


def commit() -> str | None:
    """Return the commit of the checkout that fercli runs from, with `+` where files differ from it; None outside git.

    A repository that only surrounds an installed fercli, for example the user's own project, does not count.
    """
    here = Path(__file__)
    try:
        if not _is_tracked(here):
            return None
        state = _git(here, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    said = [line for line in state.splitlines() if line.startswith("# ")]
    (name,) = (line.removeprefix("# branch.oid ") for line in said if line.startswith("# branch.oid "))
    return None if name == "(initial)" else name + "+" * (len(said) < len(state.splitlines()))


@cache
def _is_tracked(file: Path) -> bool:
    """Return whether git knows a file; it is asked once in a process."""
    try:
        return bool(_git(file, "ls-files", "--error-unmatch", file.name))
    except subprocess.CalledProcessError:
        return False


def _git(file: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=file.parent, capture_output=True, text=True, check=True).stdout


def short_commit(name: str) -> str:
    """Return the first ten digits of a commit, with its `+`."""
    return name[:10] + "+" * name.endswith("+")
