"""Write a store on a cluster: an array of jobs writes the shards, and a last job completes the store."""

from collections.abc import Sequence
from pathlib import Path

from fercli.launch.script import Script
from fercli.launch.slurm import Slurm
from fercli.launch.task import Task

LAST = "last.sbatch"


def submit_store(launcher: Slurm, words: Sequence[str], store: Path, num_parts: int) -> tuple[str, str]:
    """Submit a preprocessing; return the ids of the array that writes the shards and of the last job.

    Args:
        launcher: the cluster.
        words: arguments of `fercli preprocess`, without the launcher.
        store: folder of the store.
        num_parts: number of jobs that write shards.

    Raises:
        RunError: SLURM is not installed, does not answer, or refuses; the message holds its output.
    """
    launcher, name = launcher.on_one_process(), _name(store)
    *parts, last = _tasks(launcher, words, store, num_parts)
    array = launcher.submit_array(parts, store / "slurm", name)[0].job_id.partition("_")[0]
    return array, launcher.submit_array([last], store / "slurm", name, after=array)[0].job_id


def write_store_scripts(launcher: Script, words: Sequence[str], store: Path, num_parts: int) -> tuple[Path, Path]:
    """Write the two submissions of `submit_store` as files for sbatch; submit the second after the first has ended."""
    launcher, name = launcher.on_one_process(), _name(store)
    *parts, last = _tasks(launcher, words, store, num_parts)
    folder = store / "slurm"
    return (
        launcher.write_array(parts, folder / "parts.sbatch", f"{store.name}: {num_parts} parts of its shards", name),
        launcher.write_array([last], folder / LAST, f"{store.name}: the last job, which completes the store", name),
    )


def _tasks(launcher: Slurm, words: Sequence[str], store: Path, num_parts: int) -> list[Task]:
    """Return a task for each part, and a last task: the plain command, which also writes what a part left undone."""
    cpus = launcher.cpus_per_process
    given = any(word.partition("=")[0] == "num_workers" for word in words)
    command = ("fercli", "preprocess", *words, *([] if given or cpus is None else [f"num_workers={cpus}"]))
    shared_out = [f"{part}/{num_parts}" for part in range(1, num_parts + 1)]
    log = store.absolute() / "slurm"
    tasks = [
        Task(f"part {part}", (*command, "--shards", part), log / f"part_{part.partition('/')[0]}.log", cpus)
        for part in shared_out
    ]
    return [*tasks, Task("the last job", command, log / "last.log", cpus)]


def _name(store: Path) -> str:
    return f"fercli_{store.name}"
