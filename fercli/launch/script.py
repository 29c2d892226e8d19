"""Write the missing cells of a study as files for sbatch, which the user submits by hand."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from fercli.errors import ConfigError, printable
from fercli.files import write_text
from fercli.launch.launcher import HandedOver
from fercli.launch.notify import notification
from fercli.launch.report import CellReport
from fercli.launch.slurm import Slurm, check_hardware, job_name
from fercli.launch.store import store_name, store_tasks
from fercli.launch.task import Task, srun
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan

# The command runs in the background, because a shell that waits with `wait` handles SLURM's warning at once and can
# pass it on to the command.
FILE = Template(r"""#!/bin/bash
# $title in $number jobs. Submit with: sbatch $path
# You may submit this file again: stopped jobs continue, and finished jobs end at once.
$directives
#SBATCH --array=$array
#SBATCH --output=$output

case $$SLURM_ARRAY_TASK_ID in
$cases
esac
cd $folder || exit
mkdir -p "$$(dirname "$$log")"
$setup
export OMP_NUM_THREADS=$${OMP_NUM_THREADS:-$threads}

mode=truncate
((SLURM_RESTART_COUNT)) && mode=append
requeue=
trap 'requeue=yes; kill -USR1 $$command' USR1
$srun --output="$$log" --open-mode=$$mode "$${arguments[@]}" &
command=$$!
wait $$command
status=$$?
while kill -0 $$command 2>/dev/null; do  # the warning ended the first wait
    wait $$command
    status=$$?
done
[[ $$requeue ]] && scontrol requeue "$${SLURM_ARRAY_JOB_ID}_$$SLURM_ARRAY_TASK_ID"
exit $$status
""")


@dataclass(frozen=True)
class Script(Slurm):
    """A cluster to which fercli itself cannot submit; the keys are those of `conf/launcher/slurm.yaml`."""

    suffix: ClassVar[str] = "sbatch"  # of the files

    def run_cells(self, plan: Plan, jobs: int | None, report: CellReport) -> None:
        """Write files for the missing cells, and a file for the notification at the end."""
        trainings, fits = self.write(plan, jobs)
        last = []
        if self.notify and (trainings or fits):
            path = plan.folder / "slurm" / f"notify.{self.suffix}"
            title = f"{' '.join(plan.study.title.split())}: the notification at the end,"
            last = [self.on_one_process().write_array([notification(self.notify, plan)], path, title, job_name(plan))]
        report.written([*trainings, *fits, *last], self.steps(trainings, fits, last))

    def steps(self, *stages: Sequence[Path]) -> list[str]:
        """Return the shell commands that submit files in stages; the jobs of a stage wait for those of the last one."""
        lines: list[str] = []
        filled = [list(stage) for stage in stages if stage]
        for number, stage in enumerate(filled, 1):
            after = number > 1
            if number < len(filled):
                lines.append(self.waiting(stage, after))
            else:
                lines += [self.submission(path, after) for path in stage]
        return lines

    def submission(self, path: Path, after: bool) -> str:
        """Return the command that submits a file; with `after`, its jobs wait for those of `$after`."""
        return f"sbatch {'--dependency=$after ' if after else ''}{shlex.quote(str(path))}"

    def waiting(self, paths: list[Path], after: bool) -> str:
        """Return the command that submits files and sets `after` to their jobs."""
        words = [self.submission(path, after).removeprefix("sbatch ") for path in paths]
        return "after=afterany:" + ":".join(f"$(sbatch --parsable {word})" for word in words)

    def hand_over_store(
        self, words: Sequence[str], store: Path, num_parts: int, check: Callable[[], object]
    ) -> HandedOver | None:
        """Write a file for the jobs that write the shards, and a file for the job that completes the store."""
        check()
        one, folder, name = self.on_one_process(), store / "slurm", store_name(store)
        tasks = self.contained(store_tasks(words, store, num_parts, self.cpus_per_process))
        parts, last = folder / f"parts.{self.suffix}", folder / f"last.{self.suffix}"
        one.write_array(tasks[:-1], parts, f"{store.name}: {num_parts} parts of its shards", name)
        one.write_array(tasks[-1:], last, f"{store.name}: the last job, which completes the store", name)
        return HandedOver(str(parts), str(last), "".join(f"\n  {step}" for step in self.steps([parts], [last])))

    def write(self, plan: Plan, jobs: int | None = None) -> tuple[list[Path], list[Path]]:
        """Write files for the missing trainings, and for what follows them, to be submitted after the trainings.

        Each file holds up to `array_size` cells, and runs at most `jobs` of them at a time.

        Raises:
            ConfigError: the overrides of the study do not fit the cluster (see `check_hardware`).
        """
        check_hardware(plan, self.nodes * self.num_processes)
        one = self.on_one_process(min(1, self.gpus_per_node))
        return (
            self._files(plan, plan.trainings, jobs, "cells", "trainings"),
            one._files(
                plan, plan.fits, jobs, "classifiers", "classifiers or evaluations, once their trainings have ended"
            ),
        )

    def _files(self, plan: Plan, cells: Sequence[PlannedCell], jobs: int | None, stem: str, what: str) -> list[Path]:
        folder, name = plan.folder / "slurm", job_name(plan)
        paths = []
        for number, array in enumerate(self.arrays(cells), 1):
            path = folder / (f"{stem}.{self.suffix}" if number == 1 else f"{stem}_{number}.{self.suffix}")
            title = f"{' '.join(plan.study.title.split())}: {sum(len(chosen) for _, chosen in array)} {what}"
            paths.append(self.write_array([task for task, _ in array], path, title, name, jobs))
        return paths

    def write_array(self, tasks: Sequence[Task], path: Path, title: str, name: str, jobs: int | None = None) -> Path:
        """Write commands as one array into a file, and return its path."""
        text = FILE.substitute(
            title=printable(title),
            number=len(tasks),
            path=shlex.quote(str(path)),
            directives="\n".join(_directive(*option) for option in self.directives(name, "USR1").items()),
            array=f"0-{len(tasks) - 1}%{self.most_at_a_time(jobs, len(tasks))}",
            output=_output(path.parent.absolute()),
            cases="\n".join(case_of(index, task) for index, task in enumerate(tasks)),
            folder=shlex.quote(str(Path.cwd())),
            setup="\n".join(self.setup),
            threads=self.cpus_per_process or 1,
            srun=shlex.join(srun(self.cpus_per_process)),
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
        return path


def _output(folder: Path) -> str:
    """Return the value of `--output` for a directive, in quotes; `%` is doubled, since SLURM replaces `%` patterns."""
    text = str(folder)
    if not text.isprintable() or '"' in text or "\\" in text:
        raise ConfigError(f"sbatch cannot write into {printable(text)}: choose runs=<folder> without such characters")
    return f'"{text.replace("%", "%%")}/%A_%a.out"'


def case_of(index: int, task: Task) -> str:
    """Return the branch of the shell that sets the log and the command of one job of an array."""
    arguments, log = shlex.join(task.command), shlex.quote(str(task.log))
    return f"{index}) # {' '.join(task.label.split())}\n    log={log}\n    arguments=({arguments}) ;;"


def _directive(key: str, value: Any) -> str:
    name = key.replace("_", "-")
    return f"#SBATCH --{name}" if value is True else f"#SBATCH --{name}={shlex.quote(str(value))}"
