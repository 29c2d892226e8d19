"""What one SLURM job runs: one fercli command, on as many processes as the job has."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fercli.process import python


@dataclass
class Task:
    """A command as submitit carries it to a node: it starts one process per task of the job.

    They are started with srun. When the time limit comes near, or the job is to make room for another, SLURM signals
    this process alone; it asks the command to save and stop, and submitit puts the job back into the queue.

    Args:
        label: for people.
        arguments: of `fercli`.
        log: what the command says goes here.
    """

    label: str
    arguments: tuple[str, ...]
    log: Path
    cpus_per_process: int | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def __call__(self) -> None:
        """Run; end with the exit status of the command where it failed."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        again = int(os.environ.get("SLURM_RESTART_COUNT", 0)) > 0
        command = [*srun(self.cpus_per_process), f"--output={str(self.log).replace('%', '%%')}"]
        command += [f"--open-mode={'append' if again else 'truncate'}"]
        command += python("-u", "-m", "fercli", *self.arguments)
        environment = {"OMP_NUM_THREADS": str(self.cpus_per_process or 1)} | os.environ
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment)
        if status := _wait(self.process):
            sys.exit(status)  # not an exception, whose traceback would be the end of what SLURM keeps

    def checkpoint(self) -> Any:
        """Called by submitit on SLURM's signal: ask the command to stop; what to run when the job starts again."""
        from submitit.helpers import DelayedSubmission

        if self.process is not None:
            self.process.send_signal(signal.SIGUSR1)  # srun passes it on
            _wait(self.process)
        return DelayedSubmission(Task(self.label, self.arguments, self.log, self.cpus_per_process))


def srun(cpus_per_process: int | None) -> list[str]:
    """The command that starts the processes of a job; where one of them fails, the others would wait forever."""
    cpus = [] if cpus_per_process is None else [f"--cpus-per-task={cpus_per_process}"]
    return ["srun", "--kill-on-bad-exit=1", *cpus]


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a process; unlike its own `wait`, also while a signal handler of the same thread waits for it."""
    found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert found is not None
    return found.si_status if found.si_code == os.CLD_EXITED else 128 + found.si_status
