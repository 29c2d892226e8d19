"""Processors, GPUs, memory, disks and limits of this machine."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fercli.datasets.shared_memory import SHARED_MEMORY
from fercli.doctor.finding import Finding

GIB = 2**30
LEAST_DISK = 5 * GIB  # a store of a middle-sized data set, or the checkpoints of some twenty runs
LEAST_SHARED = 2**30
LEAST_FILES = 1024
ASK_DRIVER = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]


def processors() -> Iterator[Finding]:
    """Compare the threads that torch uses with the cores that this process may use."""
    import torch

    cores, threads = _num_cores(), torch.get_num_threads()
    text = f"{cores} cores, torch uses {threads} threads"
    if threads > cores:
        yield Finding("processor", "note", text, f"export OMP_NUM_THREADS={cores}: more threads than cores are slower")
    else:
        yield Finding("processor", "ok", text)


def _num_cores() -> int:
    """Return the cores that this process may use; SLURM and containers may give it fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> Iterator[Finding]:
    """Name the GPUs that torch can use, and say why it cannot use one that the driver sees."""
    import torch

    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(index)
            text = f"{facts.name}, {facts.total_memory / GIB:.0f} GiB, CUDA {torch.version.cuda}"
            yield Finding(f"GPU {index}", "ok", text)
        return
    seen = _of_driver()
    if not seen:
        yield Finding("GPU", "note", "none: fercli trains on the processor")
    elif torch.version.cuda is None:
        remedy = "install a torch for CUDA: https://pytorch.org/get-started/locally"
        yield Finding("GPU", "wrong", f"the driver sees {seen}, but torch {torch.__version__} is for CPUs", remedy)
    else:
        remedy = "update the driver, or install a torch for an older CUDA"
        yield Finding("GPU", "wrong", f"the driver sees {seen}, torch for CUDA {torch.version.cuda} does not", remedy)


def _of_driver() -> str:
    if not shutil.which(ASK_DRIVER[0]):
        return ""
    done = subprocess.run(ASK_DRIVER, capture_output=True, text=True, timeout=20)
    return done.stdout.strip().replace("\n", "; ") if done.returncode == 0 else ""


def disks() -> Iterator[Finding]:
    """Say how much room there is where fercli writes, and whether it may write there."""
    for subject, folder in (("disk", Path.cwd()), ("temporary", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        text = f"{free / GIB:,.1f} GiB free in {folder}"
        if not os.access(folder, os.W_OK):
            yield Finding(subject, "note", f"{folder} cannot be written", "work in a folder of your own")
        elif free < LEAST_DISK:
            yield Finding(subject, "note", text, "give store= and runs= on a larger disk")
        else:
            yield Finding(subject, "ok", text)


def shared_memory() -> Iterator[Finding]:
    """Say how much memory worker processes can hand batches over in."""
    if not SHARED_MEMORY.is_dir():
        return
    free = shutil.disk_usage(SHARED_MEMORY).free
    text = f"{free / GIB:.1f} GiB free in {SHARED_MEMORY}"
    if free < LEAST_SHARED:
        remedy = "start the container with more (docker run --shm-size=4g), or keep trainer.num_workers=0"
        yield Finding("shared memory", "note", text, remedy)
    else:
        yield Finding("shared memory", "ok", text)


def open_files() -> Iterator[Finding]:
    """Say how many files a process may open."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit < LEAST_FILES:
        yield Finding("open files", "note", f"at most {limit}", f"ulimit -n {LEAST_FILES * 4}")
    else:
        yield Finding("open files", "ok", "no limit" if limit == resource.RLIM_INFINITY else f"at most {limit}")
