"""Progress of the cells of a study on the screen."""

import time
from typing import TYPE_CHECKING

from fercli.cli.printing import counted, duration, say

if TYPE_CHECKING:
    from fercli.launch.report import Finished
    from fercli.studies.cell import PlannedCell
    from fercli.studies.grid import Plan


class CellProgress:
    """Print a line on standard error before the cells run, and when a cell starts and ends, with the time left."""

    def __init__(self, plan: "Plan"):
        self.plan = plan
        self.num_missing = self.num_ended = 0
        self.begin = 0.0

    def begun(self) -> None:
        """Print how many cells will run."""
        self.num_missing, self.begin = len(self.plan.missing), time.monotonic()
        done = sum(cell.finished for cell in self.plan.cells)
        say(f"{self.plan.study.name} on {self.plan.data}: {counted(self.plan.missing)} to run, {done} done before")

    def started(self, cell: "PlannedCell") -> None:
        """Print which cell starts."""
        after = "evaluation" if cell.classifier is None else f"fitting {cell.classifier}"
        what = "training" if cell.is_training else after
        say(f"  {cell.label}, {cell.part}: {what}; log in {cell.log}")

    def ended(self, finished: "Finished") -> None:
        """Print how a cell ended, and how long the rest takes."""
        self.num_ended += 1
        left = (time.monotonic() - self.begin) / self.num_ended * (self.num_missing - self.num_ended)
        if finished.elsewhere:
            say(f"  {finished.cell.label}, {finished.cell.part}: another command is running it")
            return
        how = f"FAILED (exit status {finished.status})" if finished.failed else "done"
        rest = f", about {duration(left)} left" if self.num_ended < self.num_missing else ""
        say(
            f"  {finished.cell.label}, {finished.cell.part}: {how} in {duration(finished.seconds)} "
            f"({self.num_ended} of {self.num_missing}{rest})"
        )
