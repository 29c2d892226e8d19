"""`fercli ablate --search`: run the trials, then train the best options on fresh seeds, and print what is reported."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fercli.cli.cells import print_results, print_table
from fercli.cli.printing import duration, print_json, say, tell

if TYPE_CHECKING:
    from fercli.launch.launcher import Launcher
    from fercli.launch.record import Submitted
    from fercli.launch.report import Finished
    from fercli.launch.search import Budget
    from fercli.studies.cell import PlannedCell
    from fercli.studies.request import Request
    from fercli.studies.search import Search
    from fercli.studies.trials import Trial, Trials


def plan_and_search(
    name: str,
    request: "Request",
    label: str | None,
    num_trials: int | None,
    hours: float | None,
    launchers: "tuple[Launcher, Launcher] | None",
    jobs: int | None,
    json: bool,
) -> "list[Finished]":
    """Search the options of one row of the study of this name, or print what would be done without launchers.

    Args:
        label: of the row; None for the only one.
        num_trials, hours: the budget.
        launchers: of the trials, and of the cells of the report.
        jobs: number of trials at a time.

    Returns:
        The cells of the report that failed.
    """
    from fercli.launch.search import Budget
    from fercli.studies.search import plan_search
    from fercli.studies.study import load_study

    budget = Budget(num_trials, hours)
    planned = plan_search(load_study(name, request.config_dirs), request, label)
    if launchers is None:
        print_search(planned, budget, json)
        return []
    return search(planned, *launchers, budget, jobs, json)


def search(
    planned: "Search", launcher: "Launcher", last: "Launcher", budget: "Budget", jobs: int | None, json: bool
) -> "list[Finished]":
    """Search, and report the best options on fresh seeds. Return the cells of the report that failed.

    Args:
        launcher: runs the trials.
        last: runs the cells of the report.
        jobs: number of trials at a time, and of cells of the report.

    Raises:
        RunError: no trial has finished.
    """
    from fercli.cli.bars import drawing
    from fercli.errors import RunError
    from fercli.launch.search import run_round, run_search
    from fercli.pages.search import document, write_search
    from fercli.studies.aggregate import read_results
    from fercli.studies.nested import best_of, report_of, searches_of
    from fercli.studies.trials import one_search
    from fercli.studies.trials_table import winners_table

    report = PrintedSearch(planned, json)
    with one_search(planned.folder):
        searches = [(one, one.trials()) for one in searches_of(planned)]
        report.begin(searches, budget)
        if not run_search(searches, launcher, budget, report, jobs or 1):
            return []
        numbers = [len(trials.all()) for _, trials in searches]
        best = best_of([trials for _, trials in searches])
        if best is None:
            lacking, number = next((one, len(trials.all())) for one, trials in searches if trials.best() is None)
            of_fold = "" if lacking.fold is None else f" of fold {lacking.fold}"
            raise RunError(
                f"none of {number} trials{of_fold} has finished, so there is nothing to report; the logs of their "
                f"runs say why: {lacking.place / 'trials'}"
            )
        report.chosen(searches, best)
        plan = report_of([one for one, _ in searches], best, numbers)
        run_round(plan, last, jobs, report)
        if report.by_hand:
            return []
        results = read_results(plan)
        with drawing() as progress:
            page = write_search(searches, results, progress)
        if len(searches) > 1 and not json:
            print_table(winners_table(searches))
        print_results(results, page, json, {"search": document(searches)})
        report.failed = [one for one in report.failed if one.cell in plan.cells]
    return report.failed


def print_search(planned: "Search", budget: "Budget", json: bool) -> None:
    """Print what a search would do, and write nothing."""
    from fercli.pages.search import document, facts
    from fercli.studies.nested import num_trainings, searches_of

    with TemporaryDirectory() as nowhere:
        of_folds = searches_of(planned)
        searches = [(one, one.trials(Path(nowhere) / str(one.fold))) for one in of_folds]
        trainings = num_trainings(of_folds, budget.trials)
        last = {"budget": in_words(budget, len(searches)), "trainings": trainings, "folder": str(planned.folder)}
        if json:
            print_json(document(searches) | last)
            return
        shown = {"study": f"{planned.study.name}: {planned.study.title}", "data": planned.default.data}
        shown |= facts(searches) | last
    width = max(map(len, shown))
    for label, sentence in shown.items():
        tell(f"{label:<{width}}  {sentence}")


def in_words(budget: "Budget", num_searches: int = 1) -> str:
    """Return a budget as a user reads it."""
    each = " in each fold" if num_searches > 1 else ""
    parts = [f"{budget.trials} trials{each}"] if budget.trials else []
    return ", or ".join([*parts, *([f"no new trial after {budget.hours:g} h"] if budget.hours else [])])


def _of_fold(search: "Search") -> str:
    return "" if search.fold is None else f"fold {search.fold}, "


class PrintedSearch:
    """Print how a search goes on standard error; see `fercli.launch.search.SearchReport`."""

    def __init__(self, planned: "Search", json: bool):
        self.planned = planned
        self.json = json
        self.by_hand = False
        self.failed: list[Finished] = []

    def begin(self, searches: "Sequence[tuple[Search, Trials]]", budget: "Budget") -> None:
        """Print what is searched, and what was done before."""
        from fercli.pages.search import counted

        say(f"{self.planned.study.name} on {self.planned.default.data}: search over {self.planned.row.label}")
        done = "; ".join(
            counted(trials.all()) + ("" if one.fold is None else f" in fold {one.fold}") for one, trials in searches
        )
        say(f"budget: {in_words(budget, len(searches))}; trials so far: {done}")

    def told(self, search: "Search", trials: "Trials", trial: "Trial") -> None:
        """Print the value of a trial so far, and whether it is the best."""
        from fercli.studies.trials_table import short
        from fercli.tables.layout import number

        facts = self.planned.facts
        options = " ".join(f"{option}={short(value)}" for option, value in trial.options.items())
        words = []
        if n := len(trial.values):
            mean = number(facts.scale * trial.mean, facts.decimals)
            words.append(f"{mean}{f' {facts.unit}' if facts.unit else ''} over {n} seed{'s' * (n != 1)}")
        best = trials.best()
        if best is not None and best.number == trial.number:
            words.append("best so far")
        elif trial.state != "unfinished":
            words.append(trial.state)
        say(f"  {_of_fold(search)}trial {trial.number}  {options}: {', '.join(words)}")

    def chosen(self, searches: "Sequence[tuple[Search, Trials]]", best: "Sequence[Trial]") -> None:
        """Print what is reported."""
        from fercli.studies.trials_table import is_default

        seeds = ", ".join(map(str, self.planned.fresh_seeds))
        found = "; ".join(
            f"{_of_fold(one)}trial {trial.number}" for (one, _), trial in zip(searches, best, strict=True)
        )
        both = f"{'it' if len(best) == 1 else 'they'} and {self.planned.row.label}"
        say(f"best: {found}; {both} on the fresh seeds {seeds}")
        if all(is_default(one, trial) for (one, _), trial in zip(searches, best, strict=True)):
            say("no trial is better than the options of the row: both rows are the same training")

    def begun(self) -> None:
        """Nothing: each trial has its own lines."""

    def started(self, cell: "PlannedCell") -> None:
        """Nothing for a trial, which has a line once it has a value; the log of a cell of the report."""
        if not cell.label.startswith("trial "):
            say(f"  {cell.label}, {cell.part}: training; log in {cell.log}")

    def ended(self, finished: "Finished") -> None:
        """Print a failure with the end of its log, and the end of a cell of the report."""
        cell = finished.cell
        if finished.failed:
            say(f"  {cell.label}, {cell.part}: FAILED (exit status {finished.status}); log in {finished.log}")
            for line in finished.last_lines:
                say(f"  | {line}")
        elif not cell.label.startswith("trial "):
            say(f"  {cell.label}, {cell.part}: done in {duration(finished.seconds)}")

    def ran(self, finished: "Sequence[Finished]") -> None:
        """Keep the failed cells."""
        self.failed = [one for one in finished if one.failed]

    def not_notified(self, problem: str) -> None:
        """Print why nobody was told."""
        from fercli.errors import printable

        say(f"note: launcher.notify failed: {printable(problem)}")

    def written(self, paths: Sequence[Path], steps: Sequence[str]) -> None:
        """Print the files that the user submits; the search goes on with the next command."""
        self.by_hand = True
        if self.json:
            print_json({"study": self.planned.study.name, "files": [str(path) for path in paths]})
            return
        for path in paths:
            print(path)
        say("What next: " + "".join(f"\n  {step}" for step in steps))
        say("Once these jobs have ended, the same command goes on with the search.")

    def submitted(self, entries: "Sequence[Submitted]", num_queued: int) -> None:
        """Print how many jobs were submitted; this command waits for them."""
        jobs = dict.fromkeys(entry.job for entry in entries)
        say(f"  {len(jobs)} jobs submitted, {num_queued} in the queue already; waiting for them")
