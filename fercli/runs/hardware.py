"""The hardware of this machine, as a run records it, and in words."""

import os
import platform
from pathlib import Path
from typing import Any


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


def hardware_in_words(origin: dict[str, Any]) -> str:
    """Describe the hardware from `read_provenance`: the GPUs, and the CPU with its cores and threads in use."""
    found = origin.get("hardware", {})
    words = list(found.get("gpus", []))
    if "cores" in found:
        name = found.get("processor", found["machine"])
        words.append(f"{name}, {found['cores']} cores, threads: {found['threads']}")
    return "; ".join(words)
