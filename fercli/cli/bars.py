"""The progress bar of every command that takes longer than two seconds."""

from typing import Any, Self

from rich.console import ConsoleDimensions
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fercli.cli.console import Console


class Bar(Progress):
    """A bar that leaves nothing if nothing was done before an error, or if it had nothing to count."""

    def __exit__(self, *error: Any) -> None:
        """Stop the bar."""
        self.end(failed=error[0] is not None)

    def end(self, failed: bool) -> None:
        """Stop the bar, and remove it where nothing was counted, or nothing was done before a failure."""
        if all(task.total is None or (failed and not task.completed) for task in self.tasks):
            self.live.transient = True
            self.live.stop()  # `stop` would print an empty line where there is no terminal
        else:
            self.stop()


class Counted:
    """A bar for a function that tells how much is done and of how much; used in a `with` statement.

    The first call shows the bar, so that it does not disturb a bar before it.

    Args:
        what: done, such as `evaluating`.
        unit: of the rate, such as `samples`.
    """

    def __init__(self, what: str, unit: str) -> None:
        self.what = what
        self.shown = bar(unit)
        self.task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        if self.task is not None:
            self.shown.__exit__(*error)

    def __call__(self, done: int, total: int) -> None:
        """Advance."""
        if self.task is None:
            self.shown.start()
            self.task = self.shown.add_task(self.what)
        self.shown.update(self.task, completed=done, total=total)


def bar(unit: str) -> Bar:
    """Return a progress bar with rate and time left; if standard error is no terminal, only its last state shows."""
    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(unit),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_BesideInterrupt(stderr=True),
    )


def drawing() -> Counted:
    """Return the bar of the figures of a page."""
    return Counted("drawing figures", "kinds")


class _BesideInterrupt(Console):
    """A console with room for the `^C` that a terminal shows; it would begin a new line, and leave a second bar."""

    @property  # type: ignore[misc]  # rich lets others set it; a bar does not
    def size(self) -> ConsoleDimensions:
        """Columns and lines."""
        found = super().size
        return found if not self.is_terminal else ConsoleDimensions(found.width - len("^C") - 1, found.height)


class _Rate(ProgressColumn):
    def __init__(self, unit: str):
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} {self.unit}/s" if speed else "", style="progress.data.speed")
