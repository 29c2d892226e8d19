"""A search over the options of one row of a study: its trials and its report as studies, and what it may read.

The objective is the mean over seeds of one metric on the validation rows. No search reads an evaluation on test.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from fercli.config import Config, unresolved
from fercli.datasets.splits import evaluation_split, fold_split
from fercli.datasets.store import Store
from fercli.engine.folds import folds_of
from fercli.engine.selection_words import selection_on_own
from fercli.errors import ConfigError, RunError, nearest, reading
from fercli.facts import Facts, facts_of
from fercli.printed_protocol import selection_in_words
from fercli.protocol import NEAR_TOGETHER, SELECTIONS, TRIAL
from fercli.runs.folder import PUT_BACK, RunFolder
from fercli.studies.cell import PlannedCell
from fercli.studies.grid import Plan, plan
from fercli.studies.request import Request
from fercli.studies.significance import FEWEST_SEEDS
from fercli.studies.space import Searched, Value, as_content, overrides_of
from fercli.studies.study import Claim, Study, StudyRow
from fercli.studies.trials import JOURNAL, Trial, Trials

VALIDATION = {
    "holdout": "held-out rows of the training split",
    "validation": "the validation split of the data set",
}
INNER = "an inner part of the rows that are not evaluated"  # with folds, each of which has a search of its own


@dataclass(frozen=True, slots=True)
class Search:
    """A search over options of one row.

    Attributes:
        row: the row whose options are varied; its own options are the default.
        default: plan of this row on the seeds of the search.
        metric: key of the metric of the objective: the first column of the study.
        facts: of this metric.
        validation: the validation rows, in words.
        fold: the fold of a cross-validation that this search chooses options for; see `fercli.studies.nested`. None
            for a search without folds, and for all folds together.
    """

    study: Study
    request: Request
    row: StudyRow
    default: Plan
    metric: str
    facts: Facts
    validation: str
    fold: int | None = None

    @property
    def space(self) -> tuple[Searched, ...]:
        """The options that are varied."""
        return self.study.search

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of each trial."""
        return self.request.seeds or self.study.seeds

    @property
    def fresh_seeds(self) -> tuple[int, ...]:
        """The seeds of the report, none of the search: as many as a trial has, at least as many as a verdict needs."""
        first = max(*self.seeds, *self.study.seeds) + 1
        return tuple(range(first, first + max(FEWEST_SEEDS, len(self.seeds))))

    @property
    def name(self) -> str:
        """Name of the study that reports the search. Another space, row, metric, data or seeds have another name."""
        identity = [self.default.cells[0].run.run_id, as_content(self.space), self.seeds, self.metric]
        digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:6]
        return f"{self.study.name}/search_{digest}"

    @property
    def folder(self) -> Path:
        """Where the report lies."""
        named = replace(self.default.study, name=self.name)
        return replace(self.default, study=named, request=self.request).folder

    @property
    def place(self) -> Path:
        """Where the journal and the trials lie: the folder of the report, or one in it for each fold."""
        return self.folder if self.fold is None else self.folder / f"fold{self.fold}"

    @property
    def first(self) -> dict[str, Value] | None:
        """The options of the row itself, as the first trial; None where one of them is not in the space."""
        cfg = unresolved(self.default.config)
        values = {one.option: _value_of(cfg, one.option) for one in self.space}
        return values if all(one.holds(values[one.option]) for one in self.space) else None

    def trials(self, elsewhere: Path | None = None) -> Trials:
        """Open the trials that have been begun so far.

        Args:
            elsewhere: folder of the journal if none has begun, for a command that must leave nothing behind.
        """
        begun = elsewhere is None or (self.place / JOURNAL).exists()
        folder = self.place if begun else elsewhere
        assert folder is not None
        return Trials(folder / JOURNAL, self.space, self.seeds, self.facts.higher_is_better)

    def cells(self, trial: Trial) -> tuple[PlannedCell, ...]:
        """Return the cells of a trial, one for each seed, on the fold of the search.

        Raises:
            ConfigError: `fercli train` has no such option.
        """
        request = replace(self.request, runs=self.place / "trials", seeds=self.seeds)
        study = self._study_of([self._searched(f"trial {trial.number}", trial.options, TRIAL)])
        return tuple(cell.training for cell in plan(study, request).cells if cell.fold == self.fold)

    def round(self, cells: Sequence[PlannedCell]) -> Plan:
        """Return a plan of cells of trials, to hand to a launcher."""
        request = replace(self.request, runs=self.folder / "trials", seeds=self.seeds)
        return replace(self.default, study=self._study_of([self.row]), request=request, cells=tuple(cells), joined=())

    def report(self, best: Trial, how: str) -> Plan:
        """Return the plan of what is reported: the best options and the row itself, on fresh seeds.

        Args:
            how: the options were found, for the protocol.
        """
        own = replace(self.row, published=None, protocol=None)
        found = self._searched(f"{self.row.label}, searched", best.options, how)
        claims = tuple(Claim(found.label, own.label, metric) for metric in self.study.metrics)
        study = replace(self._study_of([own, found]), claims=claims, seeds=self.fresh_seeds)
        return plan(study, replace(self.request, seeds=None))

    def value(self, run: RunFolder) -> float:
        """Return the objective of one finished run: the metric on the validation rows at the epoch that is kept.

        It is NaN where the metric is not defined, for example a correlation with constant predictions.

        Raises:
            RunError: the files of the run are damaged, or its history has no such column.
        """
        epoch = run.read_metrics().get("chosen_epoch")
        history = run.path / "history.csv"
        run.require_sound(history)
        with reading(history, "one row an epoch", error=RunError, remedy=PUT_BACK):
            rows = pd.read_csv(history).set_index("epoch")
            column = rows.get(f"val/{self.metric}")
            if column is None:
                raise RunError(
                    f"{history} has no val/{self.metric}: no validation row counts for {self.metric}, the first of the "
                    "study's metrics; put another one first"
                )
            return float(column.get(epoch, math.nan))

    def _searched(self, label: str, options: Mapping[str, Value], how: str) -> StudyRow:
        """Return the row with other options. They come last, after those of a short budget."""
        own = (*overrides_of(options), f"search='{how}'")
        overrides = (*(self.row.overrides or ()), *own)
        return replace(self.row, label=label, overrides=overrides, smoke=(*self.row.smoke, *own), published=None)

    def _study_of(self, rows: Sequence[StudyRow]) -> Study:
        title = f"{self.study.title}: search over the options of {self.row.label}"
        alone = replace(self.study, name=self.name, title=title, source=self.study.name, table="search")
        return replace(alone, rows=tuple(rows), claims=(), intended=(), search=())


def plan_search(study: Study, request: Request, label: str | None = None) -> Search:
    """Check that a study can be searched, before anything runs.

    Args:
        label: the row; None for the only row that is trained.

    Raises:
        ConfigError: the study has no `search`, or several rows and no label; an option does not exist, or is given to
            all trainings; a classifier is fitted to the row; or no validation rows are left to choose on.
        DataError: the data set is not prepared.
    """
    if not study.search:
        raise ConfigError(
            f"study {study.name} says nothing to search: add search: to its yaml, with a range for each option, as in "
            "search: {optimizer.lr: {low: 0.001, high: 0.1, log: true}}"
        )
    row = _row(study, label)
    if row.classifier is not None:
        raise ConfigError(
            f"row '{row.label}' fits {row.classifier} to the features of its run, and no validation rows are evaluated "
            "with it: a search would have to choose on test; name another row with --row"
        )
    given = {override.lstrip("+~").partition("=")[0] for override in request.overrides}
    if fixed := [one.option for one in study.search if one.option in given]:
        raise ConfigError(f"{fixed[0]}= cannot be given to all trainings and searched; take it out of one of the two")
    default = plan(replace(study, rows=(row,), claims=()), request)
    if not default.study.trained:
        raise ConfigError(f"row '{row.label}' cannot be searched: {default.study.rows[0].not_run}")
    metric = study.metrics[0]
    facts = facts_of(unresolved(default.config.metrics))[metric]
    validation = _validation(default.config, default, row.label)
    search = Search(study, request, row, default, metric, facts, validation)
    ends = {one.option: one.choices[0] if one.choices else one.low for one in study.search}
    first = default.cells[0].fold
    replace(search, fold=first).cells(
        Trial(0, "unfinished", ends, {}, {})
    )  # composes: an option that does not exist is named
    return search


def _row(study: Study, label: str | None) -> StudyRow:
    labels = [row.label for row in study.trained]
    if label is None and len(labels) == 1:
        return study.trained[0]
    if label is None:
        raise ConfigError(f"expected --row with the row of study {study.name} to search: {'; '.join(labels)}")
    if label not in labels:
        raise ConfigError(f"study {study.name} trains no row '{label}'; {nearest(label, labels)}")
    return next(row for row in study.trained if row.label == label)


def _validation(cfg: Config, default: Plan, label: str) -> str:
    """Say which rows the objective is computed on.

    Raises:
        ConfigError: the rule leaves none, or chooses on rows that are reported, be it with another seed.
    """
    words = default.cells[0].overrides
    found = Store(next(word.removeprefix("store=") for word in words if word.startswith("store=")))
    folds = folds_of(cfg)
    if folds is not None and getattr(folds, "seed", 0) is None:
        raise ConfigError(
            f"{folds.rule(found)}: each seed divides the rows anew, so a search would choose options on rows that a "
            "fresh seed evaluates, and its numbers would be too good; give all seeds the same parts: folds.seed=0"
        )
    split = evaluation_split(found.splits) if folds is None else fold_split(1)
    kind = selection_on_own(cfg, found, split)
    if kind.removesuffix(NEAR_TOGETHER) not in VALIDATION:
        raise ConfigError(
            f"row '{label}' leaves no validation rows to search on: its rule is '{cfg.selection.rule}' "
            f"({selection_in_words(kind, SELECTIONS)}), and a search never reads the split that is reported; give "
            "selection=best, which takes the validation split of the data set, or holds out training rows"
        )
    return VALIDATION[kind.removesuffix(NEAR_TOGETHER)] if folds is None else INNER


def _value_of(cfg: Mapping[str, object], option: str) -> Value:
    """Return what an option is in a configuration; text that no search proposes where it is no single value."""
    chosen = cfg["choices"]
    is_group = isinstance(chosen, Mapping) and option in chosen
    found: object = chosen if is_group else cfg
    for key in [option] if is_group else option.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Value) else str(found)
