"""The files of a search, in the folder of its report: trials as csv, and sections of the page."""

from pathlib import Path
from typing import Any

from fercli.engine.predict import Progress
from fercli.figures.search import of_search
from fercli.files import write_text
from fercli.pages.parts import Facts, Figures, Section
from fercli.pages.study import write_report
from fercli.studies.aggregate import Results
from fercli.studies.search import Search
from fercli.studies.space import overrides_of
from fercli.studies.trials import NUM_RANDOM, STATES, Trial, Trials
from fercli.studies.trials_table import trials_csv, trials_document, trials_table


def write_search(
    search: Search, trials: Trials, results: Results, progress: Progress = lambda done, total: None
) -> Path:
    """Write the report of a search: the tables on fresh seeds, and how the options were found; return its page."""
    write_text(search.folder / "trials.csv", trials_csv(search, trials))
    sections = [
        Section("Search", [Facts(facts(search, trials))]),
        Section("How the search went", [Figures(list(of_search(search, trials)))]),
        Section("Trials", [trials_table(search, trials)]),
    ]
    return write_report(results, sections, {"search": document(search, trials)}, ["trials.csv"], progress)


def facts(search: Search, trials: Trials) -> dict[str, str]:
    """Return what a reader must know of a search: label to sentence."""
    best = trials.best()
    direction = "higher" if trials.higher_is_better else "lower"
    said = {
        "row": search.row.label,
        "options": "; ".join(f"{one.option}: {one.in_words}" for one in search.space),
        "objective": f"{search.facts.label} on {search.validation}, mean over seeds "
        f"{', '.join(map(str, search.seeds))}; {direction} is better; test is never read",
        "trials": counted(trials.all()),
        "sampler": f"tree-structured Parzen estimator of optuna, after {NUM_RANDOM} random trials; seeded",
        "best": "" if best is None else f"trial {best.number}: {' '.join(overrides_of(best.options))}",
        "fresh seeds": f"{', '.join(map(str, search.fresh_seeds))}: the tables are of these alone",
    }
    return {label: sentence for label, sentence in said.items() if sentence}


def counted(trials: list[Trial]) -> str:
    """Return how many trials are in each state, such as `8: 6 finished, 2 stopped early`."""
    numbers = {state: sum(trial.state == state for trial in trials) for state in STATES.values()}
    return f"{len(trials)}: {', '.join(f'{n} {state}' for state, n in numbers.items() if n)}" if trials else "none yet"


def document(search: Search, trials: Trials) -> dict[str, Any]:
    """Return a search for other programs."""
    best = trials.best()
    return {
        "row": search.row.label,
        "metric": search.metric,
        "validation": search.validation,
        "seeds": list(search.seeds),
        "fresh_seeds": list(search.fresh_seeds),
        "space": {one.option: one.in_words for one in search.space},
        "best": None if best is None else {"trial": best.number, "options": dict(best.options)},
        "importances": trials.importances(),
        "trials": trials_document(search, trials),
    }
