"""A nested search: each fold of a cross-validation has a search of its own, on an inner part of its training rows.

The objective of a fold's search is read on a holdout of the rows that the fold trains on. So no row that a fold
evaluates has a part in the choice of its options. The best options of each fold are trained anew on fresh seeds, on
this fold alone. Joined, these trainings are the row that is reported. Its number is that of the whole procedure, search
included, and not of one set of options.

Source: Varma and Simon 2006, "Bias in error estimation when using cross-validation for model selection".
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from fercli.engine.folds import NESTED, nested_id
from fercli.runs.folder import RunFolder
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan
from fercli.studies.joined import Joined
from fercli.studies.search import Search
from fercli.studies.trials import Trial, Trials


def searches_of(search: Search) -> tuple[Search, ...]:
    """Return one search for each fold; the search itself without folds to choose."""
    folds = sorted({cell.fold for cell in search.default.cells if cell.fold is not None})
    inner = "an inner part of the training rows of fold"
    return tuple(replace(search, fold=fold, validation=f"{inner} {fold}") for fold in folds) or (search,)


def report_of(searches: Sequence[Search], best: Sequence[Trial], num_trials: Sequence[int]) -> Plan:
    """Return the plan of what is reported: the row itself, and in each fold the best options of its search.

    Args:
        best: trial of each search.
        num_trials: of each search.
    """
    first = searches[0]
    how = f"{_trials_in_words(num_trials)} x {_number(len(first.seeds), 'seed')}"
    if first.fold is None:
        return first.report(best[0], f"search over {how}")
    chosen = json.dumps([first.name, [dict(trial.options) for trial in best]])
    key = hashlib.sha256(chosen.encode()).hexdigest()[:6]
    how = f"{NESTED} {key}: {how} in each of {len(searches)} folds"
    plans = {search.fold: search.report(trial, how) for search, trial in zip(searches, best, strict=True)}
    found = plans[first.fold]
    label = found.study.rows[-1].label
    of_fold = {
        (cell.seed, cell.fold): cell
        for fold, one in plans.items()
        for cell in one.cells
        if cell.label == label and cell.fold == fold
    }
    cells = tuple(of_fold[cell.seed, cell.fold] if cell.label == label else cell for cell in found.cells)
    joined = tuple(_joined(one, of_fold, how) if one.label == label else one for one in found.joined)
    return replace(found, cells=cells, joined=joined)


def num_trainings(searches: Sequence[Search], most_trials: int | None) -> str:
    """Say how many trainings a search has: of the trials, and of the report.

    Args:
        most_trials: of each search; None where only the hours limit them.
    """
    first, num_folds = searches[0], len(searches)
    folds = f" x {_number(num_folds, 'fold')}" if first.fold is not None else ""
    reported = 2 * num_folds * len(first.fresh_seeds)
    report = f"{reported} to report (2 rows{folds} x {_number(len(first.fresh_seeds), 'fresh seed')})"
    if most_trials is None:
        return f"of trials: as many as the hours allow; {report}"
    tried = most_trials * len(first.seeds) * num_folds
    return (
        f"at most {tried} of trials ({_number(most_trials, 'trial')} x {_number(len(first.seeds), 'seed')}{folds}); "
        f"{report}"
    )


def best_of(found: Sequence[Trials]) -> list[Trial] | None:
    """Return the best trial of each search; None where one of them has no finished trial."""
    best = [trials.best() for trials in found]
    return [trial for trial in best if trial is not None] if None not in best else None


def _joined(one: Joined, of_fold: dict[tuple[int, int | None], PlannedCell], how: str) -> Joined:
    """Return the folds of the searched row with one seed, in a folder that is named after all of their options."""
    experiment = one.run.path.parent
    name = f"{experiment.name.rpartition('_')[0]}_{nested_id(how)}"
    run = RunFolder(experiment.with_name(name) / one.run.path.name)
    return replace(one, run=run, result=run, cells=tuple(of_fold[cell.seed, cell.fold] for cell in one.cells))


def _trials_in_words(numbers: Sequence[int]) -> str:
    """Return how many trials the searches have; they differ where the hours were over between them."""
    few, most = min(numbers), max(numbers)
    return _number(few, "trial") if few == most else f"{few} to {most} trials"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
