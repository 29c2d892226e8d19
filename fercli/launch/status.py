"""How far each cell of a study has come, whichever launcher started it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fercli.launch.local import last_lines
from fercli.launch.queue import Queued, cancel, queue
from fercli.launch.record import Submitted, mark_cancelled, of_all_studies
from fercli.runs.state import run_state
from fercli.studies.cell import Cell
from fercli.studies.grid import Plan


@dataclass(frozen=True, slots=True)
class CellStatus:
    """Where a cell stands.

    Attributes:
        state: done, a state of SLURM such as pending or running, failed, cancelled, stopped (to be continued), to run.
        job: its last job at SLURM; empty where there was none.
        detail: the nodes of a running job, or why it waits.
        log: what the training said, or SLURM where the training did not come to say anything; None where nobody did.
    """

    cell: Cell
    state: str
    job: str = ""
    detail: str = ""
    log: Path | None = None

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of the log."""
        return last_lines(self.log) if self.log is not None else ()


def statuses(plan: Plan) -> list[CellStatus]:
    """The state of each cell, and of each missing training that no row shows.

    Raises:
        RunError: something was submitted, and SLURM does not say what became of it.
    """
    submitted = of_all_studies(plan.request.runs)
    queued = _queued(plan.steps, submitted)  # asked for first: what ends meanwhile is found finished
    return [_status(cell, submitted.get(str(cell.result.path)), queued) for cell in plan.steps]


def waiting(plan: Plan) -> dict[str, Submitted]:
    """The submissions that are still in the queue, by the folder of their numbers.

    Raises:
        RunError: SLURM does not answer.
    """
    submitted = of_all_studies(plan.request.runs)
    queued = _queued(plan.steps, submitted)
    return {run: entry for run, entry in submitted.items() if entry.job in queued}


def cancel_all(plan: Plan) -> list[Submitted]:
    """End the jobs of a study's cells; trainings that run save first, and continue when they are submitted again.

    Raises:
        RunError: SLURM does not answer, or refuses.
    """
    runs = {str(cell.result.path) for cell in plan.missing}
    chosen = [entry for run, entry in waiting(plan).items() if run in runs]
    cancel([entry.job for entry in chosen])
    for path in (plan.request.runs / "studies").glob("*/submitted.json"):
        mark_cancelled(path.parent, [entry.job for entry in chosen])
    return chosen


def _queued(cells: Sequence[Cell], submitted: Mapping[str, Submitted]) -> dict[str, Queued]:
    """The jobs of these cells that SLURM still knows; without asking where nothing of them was submitted."""
    runs = {str(cell.result.path) for cell in cells if not cell.finished}
    names = {entry.job: entry.name for run, entry in submitted.items() if run in runs}
    return {job: found for job, found in queue().items() if names.get(job) == found.name} if names else {}


def _status(cell: Cell, entry: Submitted | None, queued: Mapping[str, Queued]) -> CellStatus:
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


def _log(cell: Cell, entry: Submitted | None) -> Path | None:
    """The log of the training, unless it is older than the submission: then the job did not come to begin it."""
    if cell.log.is_file() and (entry is None or cell.log.stat().st_mtime >= entry.time):
        return cell.log
    return Path(entry.output) if entry is not None else None
