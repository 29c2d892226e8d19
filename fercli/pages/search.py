"""The files of a search, in the folder of its report: trials as csv, and sections of the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fercli.engine.predict import Progress
from fercli.figures.search import of_search
from fercli.files import write_text
from fercli.pages.parts import Facts, Figures, Part, Section
from fercli.pages.study import write_report
from fercli.studies.aggregate import Results
from fercli.studies.search import Search
from fercli.studies.space import overrides_of
from fercli.studies.trials import NUM_RANDOM, STATES, Trial, Trials
from fercli.studies.trials_table import trials_csv, trials_document, trials_table, winners_table

Searches = Sequence[tuple[Search, Trials]]  # one, or one for each fold


def write_search(searches: Searches, results: Results, progress: Progress = lambda done, total: None) -> Path:
    """Write the report of a search: the tables on fresh seeds, and how the options were found; return its page."""
    folder, is_nested = searches[0][0].folder, searches[0][0].fold is not None
    write_text(folder / "trials.csv", trials_csv(searches))
    about: list[Part] = [Facts(facts(searches)), *([winners_table(searches)] if is_nested else [])]
    sections = [
        Section("Search", about),
        Section("How the search went", [Figures([drawn for one in searches for drawn in of_search(*one)])]),
        Section("Trials", [trials_table(*one) for one in searches]),
    ]
    return write_report(results, sections, {"search": document(searches)}, ["trials.csv"], progress)


def facts(searches: Searches) -> dict[str, str]:
    """Return what a reader must know of a search: label to sentence."""
    search, trials = searches[0]
    nested = search.fold is not None
    direction = "higher" if trials.higher_is_better else "lower"
    validation = "an inner part of the training rows of each fold" if nested else search.validation
    never = "the evaluated fold" if nested else "test"
    best = None if nested else trials.best()  # a nested search has a table of them
    said = {
        "row": search.row.label,
        "options": "; ".join(f"{one.option}: {one.in_words}" for one in search.space),
        "objective": f"{search.facts.label} on {validation}, mean over seeds "
        f"{', '.join(map(str, search.seeds))}; {direction} is better; {never} is never read",
        "folds": f"{len(searches)}, each with a search of its own" if nested else "",
        "trials": "; ".join(
            f"{counted(of_one.all())}{f' in fold {one.fold}' if nested else ''}" for one, of_one in searches
        ),
        "sampler": f"tree-structured Parzen estimator of optuna, after {NUM_RANDOM} random trials; seeded",
        "best": "" if best is None else f"trial {best.number}: {' '.join(overrides_of(best.options))}",
        "fresh seeds": f"{', '.join(map(str, search.fresh_seeds))}: the tables are of these alone",
    }
    return {label: sentence for label, sentence in said.items() if sentence}


def counted(trials: list[Trial]) -> str:
    """Return how many trials are in each state, such as `8 (6 finished, 2 stopped early)`."""
    numbers = {state: sum(trial.state == state for trial in trials) for state in STATES.values()}
    told = ", ".join(f"{n} {state}" for state, n in numbers.items() if n)
    return f"{len(trials)} ({told})" if trials else "none yet"


def document(searches: Searches) -> dict[str, Any]:
    """Return a search for other programs; a nested one has what is of each fold in `folds`."""
    search = searches[0][0]
    shared = {
        "row": search.row.label,
        "metric": search.metric,
        "seeds": list(search.seeds),
        "fresh_seeds": list(search.fresh_seeds),
        "space": {one.option: one.in_words for one in search.space},
    }
    if search.fold is None:
        return shared | _of_one(*searches[0])
    return shared | {"folds": [{"fold": one.fold} | _of_one(one, trials) for one, trials in searches]}


def _of_one(search: Search, trials: Trials) -> dict[str, Any]:
    best = trials.best()
    return {
        "validation": search.validation,
        "best": None if best is None else {"trial": best.number, "options": dict(best.options)},
        "importances": trials.importances(),
        "trials": trials_document(search, trials),
    }
