"""Write the missing cells of a study as job arrays for PBS Pro and OpenPBS, which the user submits by hand."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from fercli.launch.array_file import STOPPED, ArrayFile
from fercli.launch.limits import in_bytes, seconds_of


@dataclass(frozen=True)
class Pbs(ArrayFile):
    """A cluster with PBS. Users of PBS may not requeue jobs: a training that reaches the limit is submitted again."""

    suffix: ClassVar[str] = "pbs"
    index: ClassVar[str] = "${PBS_ARRAY_INDEX:-0}"
    afterwards: ClassVar[str] = (
        f'((status == {STOPPED})) && echo "saved before the time limit: submit this file again to continue"'
    )

    def array_directives(self, name: str, number: int, most: int, folder: Path) -> list[str]:
        """Return the lines `#PBS`."""
        chunk = f"select=1:ncpus={self.num_cpus}"
        chunk += f":ngpus={self.gpus_per_node}" if self.gpus_per_node else ""
        chunk += f":mem={in_bytes(self.memory).lower()}" if self.memory else ""
        minutes, seconds = divmod(seconds_of(self.time), 60)
        lines = [f"-N {name}", f"-q {self.partition}", f"-A {self.account}", f"-l {chunk}"]
        lines = [line for line in lines if not line.endswith(" None")]
        lines += [f"-l walltime={minutes // 60:02}:{minutes % 60:02}:{seconds:02}", "-r y", "-j oe", f"-o {folder}/"]
        lines += [f"-J 0-{number - 1}%{most}"] if number > 1 else []  # PBS refuses an array of one job
        lines += [f"-{key} {value}" for key, value in self.options.items()]
        return [f"#PBS {line}" for line in lines]

    def submission(self, path: Path, after: bool) -> str:
        """Return the command that submits a file; with `after`, its jobs wait for those of `$after`."""
        return f"qsub {'-W depend=$after ' if after else ''}{shlex.quote(str(path))}"

    def waiting(self, paths: list[Path], after: bool) -> str:
        """Return the command that submits files and sets `after` to their jobs."""
        return "after=afterany:" + ":".join(f"$({self.submission(path, after)})" for path in paths)
