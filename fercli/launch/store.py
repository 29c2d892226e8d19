"""The jobs of a cluster that write a store: an array of jobs writes the shards, and a last job completes the store."""

from collections.abc import Sequence
from pathlib import Path

from fercli.launch.task import Task


def store_tasks(words: Sequence[str], store: Path, num_parts: int, cpus_per_process: int | None) -> list[Task]:
    """Return a task for each part, and a last task: the plain command, which also writes what a part left undone.

    Args:
        words: arguments of `fercli preprocess`, without the launcher.
        store: folder of the store.
        num_parts: number of jobs that write shards.
        cpus_per_process: CPU cores of each job; None for the default of the cluster.
    """
    cpus = cpus_per_process
    given = any(word.partition("=")[0] == "num_workers" for word in words)
    command = ("fercli", "preprocess", *words, *([] if given or cpus is None else [f"num_workers={cpus}"]))
    shared_out = [f"{part}/{num_parts}" for part in range(1, num_parts + 1)]
    log = store.absolute() / "slurm"
    tasks = [
        Task(f"part {part}", (*command, "--shards", part), log / f"part_{part.partition('/')[0]}.log", cpus)
        for part in shared_out
    ]
    return [*tasks, Task("the last job", command, log / "last.log", cpus)]


def store_name(store: Path) -> str:
    """Return the name of the jobs in the queue."""
    return f"fercli_{store.name}"
