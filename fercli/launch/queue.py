"""Ask SLURM about jobs, and cancel them."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from fercli.errors import RunError

ENDING = ("COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE")
MOST_AT_A_TIME = 500  # job ids on one command line


@dataclass(frozen=True, slots=True)
class Queued:
    """A job that waits or runs.

    Attributes:
        state: state of SLURM in lower case: pending, running, completing, ...
        where: the nodes of a running job, or in brackets why a pending job waits.
        time: how long the job has run, as SLURM prints it.
    """

    name: str
    state: str
    where: str
    time: str


def queue() -> dict[str, Queued]:
    """Return the user's jobs by id, `12_3` for the member of an array.

    Raises:
        RunError: SLURM is not installed, or does not answer.
    """
    fields = "%i|%T|%M|%R|%j"
    printed = slurm(["squeue", "--me", "--array", "--noheader", f"--format={fields}"])
    found = {}
    for line in printed.splitlines():
        job, state, time, where, name = line.strip().split("|", 4)
        if state not in ENDING:
            found[job] = Queued(name, state.lower(), where, time)
    return found


def cancel(jobs: Sequence[str]) -> None:
    """Cancel jobs; running jobs save first.

    Raises:
        RunError: SLURM is not installed, does not answer, or refuses.
    """
    for start in range(0, len(jobs), MOST_AT_A_TIME):
        slurm(["scancel", *jobs[start : start + MOST_AT_A_TIME]])


def slurm(command: Sequence[str]) -> str:
    """Run a command of SLURM and return what it prints.

    Raises:
        RunError: SLURM is not installed, or the command fails; the message holds its output.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise not_here(command[0]) from None
    if done.returncode:
        raise RunError(f"SLURM's `{command[0]}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def not_here(program: str) -> RunError:
    """Return the error for a machine without SLURM."""
    return RunError(
        f"expected SLURM's '{program}' on this machine; found none. Run it on a login node of the cluster, "
        "or write files to submit there with launcher=script"
    )
