"""The state of each cell of a study, whichever launcher started it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fercli.launch.cell_process import last_lines
from fercli.launch.queue import Queued, cancel, queue
from fercli.launch.record import Submitted, mark_cancelled, of_all_studies
from fercli.runs.state import run_state
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan


@dataclass(frozen=True, slots=True)
class CellStatus:
    """The state of a cell.

    Attributes:
        state: done, a state of SLURM (for example pending or running), failed, cancelled, stopped (can be continued),
            or to run.
        job: its last SLURM job; empty without one.
        detail: the nodes of a running job, or why it waits.
        log: the log of the training; the output of SLURM if the job did not start the training; None without either.
    """

    cell: PlannedCell
    state: str
    job: str = ""
    detail: str = ""
    log: Path | None = None

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The last lines of the log."""
        return last_lines(self.log) if self.log is not None else ()


def statuses(plan: Plan) -> list[CellStatus]:
    """Return the state of each cell, and of each missing training that no row shows.

    Raises:
        RunError: something was submitted, and SLURM does not answer.
    """
    submitted = of_all_studies(plan.request.runs)
    queued = _queued(plan.steps, submitted)  # read first: a job that ends now counts as done
    return [_status(cell, submitted.get(str(cell.result.path)), queued) for cell in plan.steps]


def waiting(plan: Plan) -> dict[str, Submitted]:
    """Return the submissions that are still in the queue, by the folder of their numbers.

    Raises:
        RunError: SLURM does not answer.
    """
    submitted = of_all_studies(plan.request.runs)
    queued = _queued(plan.steps, submitted)
    return {run: entry for run, entry in submitted.items() if entry.job in queued}


def cancel_all(plan: Plan) -> list[Submitted]:
    """Cancel the jobs of a study's cells; running trainings save first, and continue if they are submitted again.

    Raises:
        RunError: SLURM does not answer, or refuses.
    """
    runs = {str(cell.result.path) for cell in plan.missing}
    chosen = [entry for run, entry in waiting(plan).items() if run in runs]
    cancel([entry.job for entry in chosen])
    for path in (plan.request.runs / "studies").glob("*/submitted.json"):
        mark_cancelled(path.parent, [entry.job for entry in chosen])
    return chosen


def _queued(cells: Sequence[PlannedCell], submitted: Mapping[str, Submitted]) -> dict[str, Queued]:
    """Return the jobs of these cells that SLURM still knows; SLURM is asked only if a cell was submitted."""
    runs = {str(cell.result.path) for cell in cells if not cell.finished}
    names = {entry.job: entry.name for run, entry in submitted.items() if run in runs}
    return {job: found for job, found in queue().items() if names.get(job) == found.name} if names else {}


def _status(cell: PlannedCell, entry: Submitted | None, queued: Mapping[str, Queued]) -> CellStatus:
    if cell.finished:
        return CellStatus(cell, "done")
    log = _log(cell, entry)
    state = run_state(cell.result)
    if entry is None:
        return CellStatus(cell, "to run" if state.name == "not begun" else state.name, log=log)
    if job := queued.get(entry.job):
        return CellStatus(cell, job.state, entry.job, f"{job.where} {job.time}", log)
    if entry.cancelled:
        return CellStatus(cell, "cancelled", entry.job, log=log)
    return CellStatus(cell, state.name if state.name in ("running", "stopped") else "failed", entry.job, log=log)


def _log(cell: PlannedCell, entry: Submitted | None) -> Path | None:
    """Return the log of the training; SLURM's output if the log is older than the submission, so not of this job."""
    if cell.log.is_file() and (entry is None or cell.log.stat().st_mtime >= entry.time):
        return cell.log
    return Path(entry.output) if entry is not None else None
