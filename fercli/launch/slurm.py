"""Submit the missing cells of a study to SLURM as arrays of jobs."""

import os
import shlex
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from fercli.errors import ConfigError, RunError
from fercli.launch.container import inside
from fercli.launch.launcher import HandedOver
from fercli.launch.notify import check_command, notification
from fercli.launch.outline import of_cluster
from fercli.launch.queue import not_here
from fercli.launch.record import Submitted, add
from fercli.launch.report import CellReport
from fercli.launch.series import series
from fercli.launch.status import waiting
from fercli.launch.store import store_name, store_tasks
from fercli.launch.task import Task
from fercli.process import python
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan

MOST_REQUEUES = 10_000  # a training saves a checkpoint before each requeue, so it always makes progress
OWN_OPTIONS = {
    "devices": "launcher.gpus_per_node",
    "num_nodes": "launcher.nodes",
    "accelerator": "launcher.gpus_per_node=0 for the CPU",
}


@dataclass(frozen=True)
class Slurm:
    """The resources of a cluster that the user asks for; the keys are those of `conf/launcher/slurm.yaml`.

    Raises:
        ConfigError: a count is not a whole number, or too small.
    """

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    time: str | int = "24:00:00"
    memory: str | None = None
    nodes: int = 1
    gpus_per_node: int = 1
    processes_per_node: int | None = None
    cpus_per_process: int | None = None
    setup: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    warning_seconds: int = 120
    array_size: int = 1000
    cells_per_job: int = 1
    max_running: int | None = None
    container: str | None = None
    notify: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_command(self.notify)
        least = {"nodes": 1, "gpus_per_node": 0, "processes_per_node": 1, "cpus_per_process": 1, "max_running": 1}
        for name, smallest in (least | {"warning_seconds": 0, "array_size": 1, "cells_per_job": 1}).items():
            value = getattr(self, name)
            optional = name in ("processes_per_node", "cpus_per_process", "max_running") and value is None
            if not optional and (not isinstance(value, int) or isinstance(value, bool) or value < smallest):
                raise ConfigError(f"expected launcher.{name} as a whole number, at least {smallest}; found {value}")
        if self.cells_per_job > 1 and self.nodes * self.num_processes > 1:
            raise ConfigError(
                f"launcher.cells_per_job={self.cells_per_job} is for trainings on one process; found "
                f"{self.nodes * self.num_processes} for each: give launcher.nodes=1 launcher.gpus_per_node=1"
            )

    @property
    def num_processes(self) -> int:
        """Number of processes of one training on one node."""
        return self.processes_per_node or max(1, self.gpus_per_node)

    def most_at_a_time(self, jobs: int | None, number: int) -> int:
        """Return how many of a number of jobs may run at a time; `jobs` is what the user asks for this time."""
        return jobs or self.max_running or number

    def directives(self, name: str, signal: str) -> dict[str, Any]:
        """Return the options of sbatch; SLURM sends `signal` to the batch script before the time limit."""
        asked = {
            "job_name": name,
            "partition": self.partition,
            "account": self.account,
            "qos": self.qos,
            "time": self.time,
            "mem": self.memory,
            "nodes": self.nodes,
            "ntasks_per_node": self.num_processes,
            "gpus_per_node": self.gpus_per_node or None,
            "cpus_per_task": self.cpus_per_process,
            "signal": f"B:{signal}@{self.warning_seconds}",
            "requeue": True,
            "open-mode": "append",
        }
        return {key: value for key, value in asked.items() if value is not None} | dict(self.options)

    def task(self, cell: PlannedCell) -> Task:
        """Return the command of a cell; a training gets options with the nodes and devices of its job."""
        hardware = [f"trainer.num_nodes={self.nodes}", f"trainer.devices={self.num_processes}"]
        hardware += [] if self.gpus_per_node else ["trainer.accelerator=cpu"]
        arguments = ("fercli", *cell.arguments, *(hardware if cell.is_training else ()), "--json")
        return Task(f"{cell.label}, {cell.part}", arguments, cell.log.absolute(), self.cpus_per_process)

    def arrays(self, cells: Sequence[PlannedCell]) -> Iterator[list[tuple[Task, Sequence[PlannedCell]]]]:
        """Yield arrays of jobs, at most `array_size` in each: for every job its task and the cells that it runs."""
        size = self.cells_per_job
        jobs = [cells[start : start + size] for start in range(0, len(cells), size)]
        for first in range(0, len(jobs), self.array_size):
            yield [(self._of_job(job), job) for job in jobs[first : first + self.array_size]]

    def _of_job(self, cells: Sequence[PlannedCell]) -> Task:
        tasks = [self.task(cell) for cell in cells]
        one = tasks[0] if len(tasks) == 1 else series(tasks, tasks[0].log.with_suffix(".series.log"))
        words = [word for task in tasks for word in task.arguments]
        return self.contained([one], words, [cell.run.path.parent.parent for cell in cells])[0]

    def contained(self, tasks: list[Task], words: Sequence[str] = (), folders: Sequence[Path] = ()) -> list[Task]:
        """Return tasks that run in the image of `container`, if there is one.

        Args:
            words: arguments of `fercli`, whose paths the container sees, besides those of the tasks.
            folders: further folders that it sees.
        """
        if self.container is None:
            return tasks
        words = [*words, *(word for task in tasks for word in task.arguments)]
        program = inside(self.container, words, folders, gpus=self.gpus_per_node > 0)
        return [replace(task, program=program) for task in tasks]

    def on_one_process(self, gpus: int = 0) -> Self:
        """Return the same cluster for a command that is no training: one process with `gpus` GPUs."""
        return replace(self, nodes=1, gpus_per_node=gpus, processes_per_node=1)

    def submit(
        self, plan: Plan, cells: Sequence[PlannedCell], jobs: int | None = None, queued: Collection[Submitted] = ()
    ) -> list[Submitted]:
        """Submit cells, at most `jobs` to run at a time; each array is recorded as soon as SLURM has accepted it.

        Classifiers are separate arrays, which SLURM starts once the trainings that they need have ended.

        Args:
            plan: the plan of the study.
            cells: the cells to submit.
            jobs: the largest number of jobs that run at a time; None for no limit.
            queued: earlier submissions that are still in the queue.

        Raises:
            ConfigError: the overrides of the study do not fit the cluster (see `check_hardware`).
            RunError: SLURM is not installed, does not answer, or refuses; the message holds its output.
        """
        check_hardware(plan, self.nodes * self.num_processes)
        submitted = self._submit(plan, [cell for cell in cells if cell.is_training], jobs)
        fits = [cell for cell in cells if not cell.is_training]
        job_of = {entry.run: entry.job.partition("_")[0] for entry in (*queued, *submitted)}
        after = sorted({job_of[run] for cell in fits if (run := str(cell.run.path)) in job_of})
        one = self.on_one_process(min(1, self.gpus_per_node))
        return submitted + one._submit(plan, fits, jobs, after=":".join(after) or None)

    def run_cells(self, plan: Plan, jobs: int | None, report: CellReport) -> None:
        """Submit the missing cells that are not in the queue of the cluster."""
        queued = waiting(plan)
        cells = [cell for cell in plan.missing if str(cell.result.path) not in queued]
        entries = self.submit(plan, cells, jobs, queued.values())
        if self.notify and entries:
            self._submit_notification(plan, [*queued.values(), *entries])
        report.submitted(entries, len(plan.missing) - len(cells))

    def outline(self, plan: Plan, jobs: int | None) -> str:
        """Say which jobs the missing cells would become, and what each asks the cluster for."""
        check_hardware(plan, self.nodes * self.num_processes)
        one = self.on_one_process(min(1, self.gpus_per_node))
        sizes = ([len(array) for array in self.arrays(plan.trainings)], [len(array) for array in one.arrays(plan.fits)])
        return of_cluster(self, *sizes, jobs)

    def _submit_notification(self, plan: Plan, entries: Sequence[Submitted]) -> None:
        """Submit the job that runs `notify` once all jobs of the study have ended."""
        results = {str(cell.result.path) for cell in plan.missing}
        jobs = sorted({entry.job.partition("_")[0] for entry in entries if entry.run in results})
        task = notification(self.notify, plan)
        self.on_one_process().submit_array([task], plan.folder / "slurm", job_name(plan), after=":".join(jobs))

    def hand_over_store(
        self, words: Sequence[str], store: Path, num_parts: int, check: Callable[[], object]
    ) -> HandedOver | None:
        """Submit an array of jobs that write the shards, and a last job that completes the store."""
        check()
        one, folder, name = self.on_one_process(), store / "slurm", store_name(store)
        *parts, last = store_tasks(words, store, num_parts, self.cpus_per_process)
        array = one.submit_array(parts, folder, name)[0].job_id.partition("_")[0]
        job = one.submit_array([last], folder, name, after=array)[0].job_id
        follow = f"squeue --me; when job {job} has ended, {store / 'dataset.json'} is there"
        return HandedOver(array, job, follow)

    def _submit(
        self, plan: Plan, cells: Sequence[PlannedCell], jobs: int | None, after: str | None = None
    ) -> list[Submitted]:
        name = job_name(plan)
        submitted: list[Submitted] = []
        for array in self.arrays(cells):
            taken = self.submit_array([task for task, _ in array], plan.folder / "slurm", name, jobs, after)
            now = time.time()
            entries = [
                Submitted(cell.label, cell.seed, str(cell.result.path), job.job_id, name, str(job.paths.stdout), now)
                for (_, chosen), job in zip(array, taken, strict=True)
                for cell in chosen
            ]
            add(plan.folder, entries)
            submitted += entries
        return submitted

    def submit_array(
        self, tasks: Sequence[Task], folder: Path, name: str, jobs: int | None = None, after: str | None = None
    ) -> list[Any]:
        """Submit commands as one array, and return submitit's jobs; their files lie in the folder.

        Args:
            after: id of a job that must end first, with or without success; several are joined by `:`.

        Raises:
            RunError: SLURM is not installed, does not answer, or refuses; the message holds its output.
        """
        from submitit import SlurmExecutor
        from submitit.core.utils import FailedJobError, FailedSubmissionError
        from submitit.slurm.slurm import SlurmJobEnvironment

        folder.mkdir(parents=True, exist_ok=True)
        before = set(folder.iterdir())
        # exec: SLURM sends its warning before the time limit to the batch script; it must reach submitit, not a shell.
        interpreter = f"exec {shlex.join(python())}"
        try:
            executor = SlurmExecutor(folder, max_num_timeout=MOST_REQUEUES, python=interpreter)
        except RuntimeError:
            raise not_here("srun") from None
        executor.update_parameters(
            additional_parameters=self.directives(name, SlurmJobEnvironment.USR_SIG),
            setup=list(self.setup),
            array_parallelism=self.most_at_a_time(jobs, len(tasks)),
            dependency=after and f"afterany:{after}",
            stderr_to_stdout=True,
            use_srun=False,
            wckey=None,
        )
        try:
            with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):  # submitit prints the text of the error
                return list(executor.submit_array(tasks))
        except (FailedJobError, FailedSubmissionError) as error:
            for path in set(folder.iterdir()) - before:
                path.unlink()
            raise RunError(
                f"SLURM did not take {len(tasks)} jobs of {name}: {str(error).strip()}\n"
                "None of these was submitted; correct this, and run the same command again to submit them."
            ) from None


def job_name(plan: Plan) -> str:
    """Return the name of a study's jobs in the queue."""
    return f"fercli_{plan.folder.name}"


def check_hardware(plan: Plan, num_processes: int) -> None:
    """Check that the overrides of a study fit the cluster.

    Raises:
        ConfigError: an override sets devices, which only the launcher may ask the cluster for; or several processes
            train without a global batch. Without it, the number of processes is part of the run id, and the study
            would not find its runs.
    """
    if num_processes > 1 and not plan.config.trainer.global_batch:
        raise ConfigError(
            f"trainer.global_batch=false cannot be given to trainings on {num_processes} processes of a cluster: "
            "the study would not find their runs; leave it out, or ask for one process: launcher.nodes=1 "
            "launcher.processes_per_node=1"
        )
    for override in plan.request.overrides:
        key = override.lstrip("+~").partition("=")[0]
        if own := OWN_OPTIONS.get(key.removeprefix("trainer.")):
            raise ConfigError(f"'{key}=' cannot be given to trainings on a cluster; use {own}")
