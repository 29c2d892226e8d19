"""The trials of a search as a table for readers, as a csv, and as values for other programs."""

import io
from collections.abc import Sequence
from dataclasses import replace
from statistics import stdev
from typing import Any

from fercli.spreadsheet import SpreadsheetWriter
from fercli.studies.search import Search
from fercli.studies.space import Value, written
from fercli.studies.trials import KEPT, NUM_UNPRUNED, Trial, Trials
from fercli.tables.columns import metric_column
from fercli.tables.table import Block, Cell, Column, Row, Table

NOTE = (
    "Values: mean ± standard deviation (number of seeds) on {where}, at the epoch that each run kept; not numbers to "
    "report. A trial stops early if its mean is worse than that of {kept:.0f} % of the finished trials after as many "
    "seeds, once {most} have finished."
)

WINNERS = (
    "Each fold has a search of its own. Inner values: mean ± standard deviation (number of seeds) on an inner part of "
    "the training rows of the fold, where the options were chosen; not numbers to report."
)


def trials_table(search: Search, trials: Trials) -> Table:
    """Return one row per trial, the best first: value, state and options; trials without a value come last."""
    best_first = sorted(trials.all(), key=lambda trial: _rank(trial, trials.higher_is_better))
    column = metric_column(search.metric, {search.metric: search.facts})
    columns = [column, Column("state", "state"), *(Column(one.option, one.option) for one in search.space)]
    finished, others = (
        [_row(search, trial) for trial in best_first if (trial.state == "finished") == is_finished]
        for is_finished in (True, False)
    )
    note = NOTE.format(where=search.validation, kept=KEPT, most=NUM_UNPRUNED)
    blocks = [Block(title, rows) for title, rows in (("finished", finished), ("others", others)) if rows]
    of_fold = "" if search.fold is None else f", fold {search.fold}"
    title = f"Trials of the search over {search.row.label}{of_fold}"
    return Table(title, columns, blocks, label="trial", notes=(note,))


def trials_csv(searches: Sequence[tuple[Search, Trials]]) -> str:
    """Return one line per trial in the order in which they began, with the value of each seed in the printed unit.

    The trials of a nested search have their fold, one fold after the other.
    """
    first = searches[0][0]
    options = [one.option for one in first.space]
    seeds = [f"seed{seed}" for seed in first.seeds]
    fold = [] if first.fold is None else ["fold"]
    stream = io.StringIO()
    lines = [
        ({"fold": search.fold} if fold else {})
        | {name: value for name, value in one.items() if name not in ("options", "seeds", "runs")}
        | {option: "null" if value is None else value for option, value in one["options"].items()}
        | {f"seed{seed}": value for seed, value in one["seeds"].items()}
        for search, trials in searches
        for one in trials_document(search, trials)
    ]
    SpreadsheetWriter(stream, (*fold, "trial", "state", *options, "mean", "sd", *seeds)).write(lines)
    return stream.getvalue()


def winners_table(searches: Sequence[tuple[Search, Trials]]) -> Table:
    """Return one row for each fold: the options that its search has found, and their value on its inner rows."""
    first = searches[0][0]
    options = [Column(one.option, one.option) for one in first.space]
    value = metric_column(first.metric, {first.metric: first.facts})
    rows = []
    for search, trials in searches:
        if (best := trials.best()) is not None:
            row = _row(search, best)
            rows.append(Row(str(search.fold), {**row.cells, "trial": Cell(text=str(best.number))}))
    columns = [*options, Column("trial", "trial"), replace(value, label=f"inner {value.label}", higher_is_better=None)]
    return Table("Options that won in each fold", columns, [Block("", rows)], label="fold", notes=(WINNERS,))


def trials_document(search: Search, trials: Trials) -> list[dict[str, Any]]:
    """Return each trial: its state, options, value of each seed, mean and standard deviation in the printed unit."""
    scale = search.facts.scale
    return [
        {
            "trial": trial.number,
            "state": trial.state,
            "options": dict(trial.options),
            "mean": scale * trial.mean if trial.values else None,
            "sd": scale * stdev(trial.values.values()) if len(trial.values) > 1 else None,
            "seeds": {seed: scale * value for seed, value in trial.values.items()},
            "runs": {seed: str(search.place / run) for seed, run in trial.runs.items()},
        }
        for trial in trials.all()
    ]


def short(value: Value) -> str:
    """Return a value of an option with at most four digits."""
    return f"{value:.4g}" if isinstance(value, float) else written(value)


def _row(search: Search, trial: Trial) -> Row:
    scale = search.facts.scale
    values = [scale * value for value in trial.values.values()]
    cells = {option: Cell(text=short(value)) for option, value in trial.options.items()}
    cells["state"] = Cell(text=trial.state)
    if values:
        sd = stdev(values) if len(values) > 1 else None
        cells[search.metric] = Cell(scale * trial.mean, sd=sd, n=len(values))
    return Row(f"{trial.number}{', the options of the row' if is_default(search, trial) else ''}", cells)


def is_default(search: Search, trial: Trial) -> bool:
    """Return whether a trial has the options of the row as the study gives them."""
    return search.first is not None and dict(trial.options) == search.first


def _rank(trial: Trial, higher_is_better: bool) -> tuple[bool, float, int]:
    if not trial.values:
        return True, 0.0, trial.number
    return False, -trial.mean if higher_is_better else trial.mean, trial.number
