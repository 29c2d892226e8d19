"""A store that a cluster writes: its shards shared out to an array of jobs, and a last job that completes it."""

from collections.abc import Sequence
from pathlib import Path

from fercli.launch.script import Script
from fercli.launch.slurm import Slurm
from fercli.launch.task import Task

LAST = "last.sbatch"


def submit_store(launcher: Slurm, words: Sequence[str], store: Path, num_parts: int) -> tuple[str, str]:
    """Submit a preprocessing; the ids of the array that writes the shards and of the job that completes the store.

    Args:
        words: of `fercli preprocess`, without the launcher.

    Raises:
        RunError: SLURM is not there, does not answer or refuses; with what it said.
    """
    launcher, name = launcher.on_one_process(), _name(store)
    *parts, last = _tasks(launcher, words, store, num_parts)
    array = launcher.submit_array(parts, store / "slurm", name)[0].job_id.partition("_")[0]
    return array, launcher.submit_array([last], store / "slurm", name, after=array)[0].job_id


def write_store_scripts(launcher: Script, words: Sequence[str], store: Path, num_parts: int) -> tuple[Path, Path]:
    """Write the same as two files for sbatch; the second is to be submitted after the first."""
    launcher, name = launcher.on_one_process(), _name(store)
    *parts, last = _tasks(launcher, words, store, num_parts)
    folder = store / "slurm"
    return (
        launcher.write_array(parts, folder / "parts.sbatch", f"{store.name}: {num_parts} parts of its shards", name),
        launcher.write_array([last], folder / LAST, f"{store.name}: what completes the store", name),
    )


def _tasks(launcher: Slurm, words: Sequence[str], store: Path, num_parts: int) -> list[Task]:
    """One for each part, and the last: the plain command, which does what a part left undone."""
    cpus = launcher.cpus_per_process
    given = any(word.partition("=")[0] == "num_workers" for word in words)
    command = ("preprocess", *words, *([] if given or cpus is None else [f"num_workers={cpus}"]))
    shared_out = [f"{part}/{num_parts}" for part in range(1, num_parts + 1)]
    log = store.absolute() / "slurm"
    tasks = [
        Task(f"part {part}", (*command, "--shards", part), log / f"part_{part.partition('/')[0]}.log", cpus)
        for part in shared_out
    ]
    return [*tasks, Task("what completes the store", command, log / "last.log", cpus)]


def _name(store: Path) -> str:
    return f"fercli_{store.name}"
