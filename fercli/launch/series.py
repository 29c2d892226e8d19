"""Run several commands of fercli one after the other in one SLURM job."""

import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType

from fercli.errors import ConfigError
from fercli.launch.task import Task
from fercli.launch.warm import STOPPING_SIGNALS, start

MODULE = "fercli.launch"
MOST_BYTES = 100_000  # of all commands together; Linux takes 131,072 in one argument


def series(tasks: Sequence[Task], log: Path) -> Task:
    """Return one task that runs tasks one after the other; a task that fails does not stop the others.

    Args:
        tasks: commands of fercli on one process each.
        log: file for what the series itself prints; each command prints into the log of its own task.

    Raises:
        ConfigError: the commands are too long for one command line.
    """
    commands = json.dumps([[task.label, str(task.log), task.arguments[1:]] for task in tasks])
    if len(commands.encode()) > MOST_BYTES:
        raise ConfigError(f"{len(tasks)} commands are too long for one job: give a smaller launcher.cells_per_job")
    label = f"{tasks[0].label}, and {len(tasks) - 1} more"
    return Task(label, (MODULE, commands), log, tasks[0].cpus_per_process)


class Series:
    """Runs commands one after the other, and stops when SLURM asks for it."""

    def __init__(self) -> None:
        self.process: ForkServerProcess | None = None
        self.asked: int | None = None  # the signal that asked to stop
        self.passed_on = False

    def run(self, commands: Sequence[tuple[str, str, Sequence[str]]]) -> int:
        """Run commands and print how each ended; return the exit status of the last one that failed, else 0.

        A job that SLURM has put back into the queue runs all commands again; those that have finished end at once.

        Args:
            commands: for each its label, its log and the arguments of `fercli`.
        """
        failed = 0
        for label, log, arguments in commands:
            if self.asked is not None:
                break
            Path(log).parent.mkdir(parents=True, exist_ok=True)
            self.process = None
            self.process = start(arguments, Path(log), os.environ)
            self._pass_on()  # it was perhaps asked while the command was being started
            self.process.join()
            status = self.process.exitcode or 0
            print(f"{label}: {f'exit status {status}' if status else 'done'}", flush=True)
            failed = status or failed
        return failed if failed >= 0 else 128 - failed

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Ask the running command to save and stop, and start no other."""
        self.asked = number
        self._pass_on()

    def _pass_on(self) -> None:
        """Send the signal once. A second signal would kill a training that has saved and is ending."""
        if self.asked is None or self.passed_on or self.process is None or self.process.pid is None:
            return
        self.passed_on = True
        with suppress(ProcessLookupError):  # it has ended
            os.kill(self.process.pid, self.asked)


def main(commands: str) -> int:
    """Run commands that `series` has written."""
    running = Series()
    for number in STOPPING_SIGNALS:
        signal.signal(number, running.stop)
    return running.run(json.loads(commands))
