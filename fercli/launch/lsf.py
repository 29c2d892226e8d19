"""Write the missing cells of a study as job arrays for IBM Spectrum LSF, which the user submits by hand."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fercli.launch.array_file import STOPPED, ArrayFile
from fercli.launch.limits import in_bytes, seconds_of

REQUEUE = 99  # exit status with which LSF puts a job back into the queue


@dataclass(frozen=True)
class Lsf(ArrayFile):
    """A cluster with LSF, which puts a training that reaches the time limit back into the queue."""

    suffix: ClassVar[str] = "lsf"
    index: ClassVar[str] = "$((LSB_JOBINDEX - 1))"
    afterwards: ClassVar[str] = f"((status == {STOPPED})) && exit {REQUEUE}  # -Q above: LSF runs the job again"

    def array_directives(self, name: str, number: int, most: int, folder: Path) -> list[str]:
        """Return the lines `#BSUB`."""
        lines = [f'-J "{name}[1-{number}]%{most}"', f"-q {self.partition}", f"-P {self.account}"]
        lines += [f"-M {in_bytes(self.memory) if self.memory else None}"]
        lines = [line for line in lines if not line.endswith(" None")]
        lines += [f"-W {-(-seconds_of(self.time) // 60)}", f"-n {self.num_cpus}", '-R "span[hosts=1]"']
        lines += [f'-gpu "num={self.gpus_per_node}"'] if self.gpus_per_node else []
        lines += [f"-Q {REQUEUE}", f"-o {folder}/%J_%I.out"]
        lines += [f"-{key} {shlex.quote(str(value))}" for key, value in self.options.items()]
        return [f"#BSUB {line}" for line in lines]

    def submission(self, path: Path, after: bool) -> str:
        """Return the command that submits a file; with `after`, its jobs wait for those of `$after`."""
        condition = '-w "$after" ' if after else ""
        return f"bsub {condition}< {shlex.quote(str(path))}"

    def waiting(self, paths: list[Path], after: bool) -> str:
        """Return the command that submits files and sets `after` to their jobs."""
        jobs = [f"ended($({self.submission(path, after)} | grep -oE '[0-9]+' | head -n 1))" for path in paths]
        return f'after="{" && ".join(jobs)}"'
