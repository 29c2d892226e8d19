"""Files of job arrays for PBS and LSF: both run the same shell, and differ in directives and in the words to submit."""

import shlex
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import ClassVar

from fercli.errors import ConfigError, printable
from fercli.files import write_text
from fercli.launch.limits import seconds_of
from fercli.launch.script import Script, case_of
from fercli.launch.task import Task

STOPPED = 124  # exit status of `timeout` when the time was over

# `timeout` is told to signal the training alone: its own workers would die of the signal.
FILE = Template(r"""#!/bin/bash
# $title in $number jobs. Submit with: $submission
# You may submit this file again: stopped jobs continue, and finished jobs end at once.
$directives

case $index in
$cases
esac
cd $folder || exit
mkdir -p "$$(dirname "$$log")"
$setup
export OMP_NUM_THREADS=$${OMP_NUM_THREADS:-$threads}

timeout --foreground --signal=USR1 $seconds "$${arguments[@]}" >>"$$log" 2>&1
status=$$?
$afterwards
exit $$status
""")


@dataclass(frozen=True)
class ArrayFile(Script):
    """A cluster without SLURM, for which files are written. The keys are those of `conf/launcher/slurm.yaml`.

    Raises:
        ConfigError: an option is one of SLURM alone, or a training asks for several nodes.
    """

    index: ClassVar[str]  # shell expression for the number of the job in its array, from 0
    afterwards: ClassVar[str]  # shell that runs when the training has ended or was stopped before the time limit

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.nodes > 1 or self.qos is not None:
            option = "qos" if self.nodes == 1 else "nodes"
            raise ConfigError(f"launcher.{option} is for SLURM; {type(self).__name__} runs each training on one node")
        if seconds_of(self.time) <= self.warning_seconds:
            raise ConfigError(
                f"expected launcher.time above launcher.warning_seconds={self.warning_seconds}; found {self.time}"
            )

    @abstractmethod
    def array_directives(self, name: str, number: int, most: int, folder: Path) -> list[str]:
        """Return the options of an array as lines of the file.

        Args:
            name: of the jobs.
            number: of jobs.
            most: number of jobs that run at a time.
            folder: for the output of the cluster.
        """

    @property
    def num_cpus(self) -> int:
        """CPU cores of one job."""
        return self.num_processes * (self.cpus_per_process or 1)

    def write_array(self, tasks: Sequence[Task], path: Path, title: str, name: str, jobs: int | None = None) -> Path:
        """Write commands as one array into a file, and return its path."""
        most = self.most_at_a_time(jobs, len(tasks))
        folder = path.parent.absolute()
        if not str(folder).isprintable() or any(sign in str(folder) for sign in "\"'\\ $`"):
            raise ConfigError(f"the cluster cannot write into {printable(str(folder))}: choose another runs=<folder>")
        text = FILE.substitute(
            title=printable(title),
            number=len(tasks),
            submission=self.submission(path, after=False),
            directives="\n".join(self.array_directives(name, len(tasks), most, folder)),
            index=self.index,
            cases="\n".join(case_of(index, task) for index, task in enumerate(tasks)),
            folder=shlex.quote(str(Path.cwd())),
            setup="\n".join(self.setup),
            threads=self.cpus_per_process or 1,
            seconds=seconds_of(self.time) - self.warning_seconds,
            afterwards=self.afterwards,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
        return path
