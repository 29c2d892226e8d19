"""Where a run's numbers come from: versions, commit, hardware, command; written, and read back."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

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


def provenance(data: dict[str, Any]) -> dict[str, Any]:
    """Facts about this process, with the description of the data that the caller gives."""
    return {
        "command": " ".join(["fercli", *sys.argv[1:]]),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "git": commit(),
        "hardware": hardware(),
        "data": data,
    }


def hardware() -> dict[str, Any]:
    """Processor, cores, threads, and the accelerators that torch sees."""
    import torch

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {"machine": platform.machine(), "cores": os.cpu_count(), "threads": torch.get_num_threads(), "gpus": devices}


def read_provenance(folder: Path) -> dict[str, Any]:
    """What `provenance.json` of a run says; nothing where it is missing or damaged, because no number depends on it."""
    try:
        content: dict[str, Any] = json.loads((folder / "provenance.json").read_text())
    except (OSError, ValueError):
        return {}
    return content


def hardware_in_words(origin: dict[str, Any]) -> str:
    """What `read_provenance` says of the hardware, such as `2 cores (x86_64)`; empty where it says nothing."""
    found = origin.get("hardware", {})
    gpus = ", ".join(found.get("gpus", []))
    return gpus or (f"{found['cores']} cores ({found['machine']})" if "cores" in found else "")


def commit() -> str | None:
    """The commit of the checkout that fercli runs from, with `+` where files differ from it; None outside git."""

    def git(*args: str) -> str:
        done = subprocess.run(["git", *args], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
