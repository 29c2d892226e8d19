"""The content of one SLURM job: one command, on as many processes as the job has."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fercli.process import python


@dataclass
class Task:
    """A command that submitit runs on a node: it uses srun to start one process per task of the job.

    Shortly before the time limit, or when the job must make room for another, SLURM signals this process alone. It asks
    the command to save and stop, and submitit puts the job back into the queue.

    Args:
        label: name of the task for the user.
        arguments: arguments of `python -m`: a module, such as `fercli`, and its own arguments.
        log: file for the output of the command.
        cpus_per_process: CPU cores of each process; None for the default of the cluster.
        program: words that start Python, in a container for example; none for this Python.
    """

    label: str
    arguments: tuple[str, ...]
    log: Path
    cpus_per_process: int | None = None
    program: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def command(self) -> list[str]:
        """The whole command of one process."""
        return [*(self.program or python()), "-u", "-m", *self.arguments]

    def __call__(self) -> None:
        """Run the command; if it fails, exit with its status."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        again = int(os.environ.get("SLURM_RESTART_COUNT", 0)) > 0
        command = [*srun(self.cpus_per_process), f"--output={str(self.log).replace('%', '%%')}"]
        command += [f"--open-mode={'append' if again else 'truncate'}"]
        command += self.command
        environment = {"OMP_NUM_THREADS": str(self.cpus_per_process or 1)} | os.environ
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment)
        if status := _wait(self.process):
            sys.exit(status)  # not an exception: the job's output would then end with its traceback

    def checkpoint(self) -> Any:
        """Ask the command to stop; return what the job runs when it starts again. submitit calls it on the signal."""
        from submitit.helpers import DelayedSubmission

        if self.process is not None:
            self.process.send_signal(signal.SIGUSR1)  # srun passes it on
            _wait(self.process)
        return DelayedSubmission(replace(self))


def srun(cpus_per_process: int | None) -> list[str]:
    """Return the command that starts the processes of a job; if one fails, all end, as they would wait forever."""
    cpus = [] if cpus_per_process is None else [f"--cpus-per-task={cpus_per_process}"]
    return ["srun", "--kill-on-bad-exit=1", *cpus]


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process; unlike `Popen.wait`, it works while a signal handler of the same thread waits for it too."""
    found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert found is not None
    return found.si_status if found.si_code == os.CLD_EXITED else 128 + found.si_status
