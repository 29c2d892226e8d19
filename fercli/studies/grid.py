"""The plan of a study: one cell per row and seed, and which cells have run already."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path

from fercli.config import Config, add_missing, compose
from fercli.datasets.splits import evaluation_split, fold_split
from fercli.datasets.store import Store
from fercli.engine.classifier import Classifier
from fercli.engine.questionnaires import with_score
from fercli.errors import ConfigError, DataError, nearest
from fercli.runs.folder import RunFolder
from fercli.runs.identity import HARDWARE, NOT_IDENTITY
from fercli.studies.cell import PlannedCell, evaluated
from fercli.studies.corpora import across
from fercli.studies.experiments import experiment_of, experiments_of
from fercli.studies.joined import Joined
from fercli.studies.needs import runnable
from fercli.studies.own_data import data_of_name
from fercli.studies.printed import expect_claims_follow_print, published_number, quoted_number
from fercli.studies.request import Request, prepared
from fercli.studies.study import Study, StudyRow

OURS = "ours"  # source of a study that repeats no table in print
JOINED = "folds"  # in place of the name of a split, for a classifier that is fitted to each fold
SYNTHETIC_EMOTIONS = "synthetic_context"  # replaces the emotion data of a mean passer if a study runs on other data
# Overrides that must be given by an option of the command, because the study itself must know them.
OWN_OPTIONS = {"data": "--data", "budget": "--budget", "seed": "--seeds"}


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a study, for one request.

    Attributes:
        fingerprints: fingerprint of each store, by data set.
        counts: number of training images of each class, by data set.
        other_data: whether cells run on another data set than the source used.
        config: configuration of the first row's trainings, with the `metrics` of all rows, which define how each metric
            is computed.
        joined: one for each row and seed that has several folds.
    """

    study: Study
    request: Request
    fingerprints: dict[str, str]
    counts: dict[str, dict[str, int]]
    other_data: bool
    cells: tuple[PlannedCell, ...]
    config: Config
    joined: tuple[Joined, ...] = ()

    @property
    def shown(self) -> list[PlannedCell | Joined]:
        """What tables show, one for each row and seed: the cell, or its folds joined."""
        return [*(cell for cell in self.cells if cell.fold is None), *self.joined]

    @property
    def data(self) -> str:
        """The data set on which the cells run; all data sets, where rows have different ones."""
        return ", ".join(self.fingerprints)

    @property
    def data_of(self) -> dict[str, str]:
        """The data set of each trained row, by its label."""
        return {cell.label: cell.data for cell in self.cells}

    @property
    def trainings(self) -> list[PlannedCell]:
        """The trainings that have not finished; a training that rows share occurs once."""
        return _each_once(cell.training for cell in self.cells if not cell.run.finished)

    @property
    def fits(self) -> list[PlannedCell]:
        """The classifiers to fit and the evaluations on other stores, some of them once a training has finished."""
        return _each_once(cell for cell in self.cells if not cell.is_training and not cell.finished)

    @property
    def missing(self) -> list[PlannedCell]:
        """All cells that are still to run, each once, in an order in which they can run."""
        return [*self.trainings, *self.fits]

    @property
    def steps(self) -> list[PlannedCell]:
        """The cells, and the missing trainings that are no cell: their rows show a classifier fitted to them."""
        shown = {cell.result.path for cell in self.cells}
        return [*self.cells, *(cell for cell in self.trainings if cell.run.path not in shown)]

    @property
    def data_of_source(self) -> str:
        """The data set of a source in print, where the cells run on other data; empty otherwise."""
        return self.study.data if self.other_data and self.study.source != OURS else ""

    @property
    def changes(self) -> tuple[str, ...]:
        """What the user changed in the study: overrides of every training, and a store other than its own."""
        store = (f"store={self.request.store}",) if self._is_elsewhere else ()
        return (*self._changed, *store)

    @property
    def folder(self) -> Path:
        """Where the tables of this study go. Other data, another budget or a changed study have their own folder."""
        parts = [self.study.name.replace("/", "_")]
        parts += [self.data.replace(", ", "_")] if self.other_data else []
        parts += [self.request.budget] if self.request.budget != "full" else []
        if self.changes:
            identity = [*self._changed, *(self.fingerprints.values() if self._is_elsewhere else ())]
            parts.append(hashlib.sha256("\n".join(identity).encode()).hexdigest()[:6])
        return self.request.runs / "studies" / "_".join(parts)

    @property
    def _changed(self) -> list[str]:
        """Return the overrides that change results, sorted by key: order matters only within one key.

        The number of processes counts if `trainer.global_batch` is overridden: losses may then depend on it.
        """
        overrides = self.request.overrides
        split = ("trainer.devices", "trainer.num_nodes") if "trainer.global_batch" in map(_key, overrides) else ()
        return sorted((o for o in overrides if _changes_results(o) or _key(o) in split), key=_key)

    @property
    def _is_elsewhere(self) -> bool:
        given, own = self.request.store, self.request.stores / self.data
        return given is not None and given.resolve() != own.resolve()


def plan(study: Study, request: Request) -> Plan:
    """Plan the cells of a study; check that the configuration of each composes before anything runs.

    Raises:
        ConfigError: an override or a metric does not exist, or an override must be given by its own option; the
            source's table does not have the method of a row; a claim compares with a quoted row that has no number in
            the metric; or a claim contradicts the numbers that its source prints.
        DataError: the data set is not prepared where it was expected, or is another one.
    """
    for key in map(_key, request.overrides):
        if key in OWN_OPTIONS:
            raise ConfigError(f"'{key}=' cannot be given to a study; use {OWN_OPTIONS[key]}")
    for row, metric in product(study.rows, study.metrics):
        published_number(study, row, metric)
    for claim in study.claims:
        quoted_number(study, claim)
    expect_claims_follow_print(study)
    asked = study.synthetic if request.data == "synthetic" else request.data
    own_corpora = study.corpora
    if own_corpora:
        study, asked = across(study, request, asked), None
    own = {row.label: row.prepared or study.prepared or study.data for row in study.trained}
    names = dict.fromkeys(own, asked) if asked else own
    rows = iter(study.trained)
    composed = [(row, _composed(study, request, row, names[row.label])) for row in islice(rows, 1)]
    others = [row.evaluated_on for row in study.trained if row.evaluated_on is not None]
    stores = {name: prepared(request, name) for name in dict.fromkeys([*names.values(), *others])}
    composed += [(row, _composed(study, request, row, names[row.label])) for row in rows]  # slow, so after the stores
    trained = {row.label: with_score(stores[names[row.label]], cfg.get("score")) for row, cfg in composed}
    study = runnable(study, trained)
    composed = [(row, cfg) for row, cfg in composed if row in study.trained]
    _expect_metrics(study, composed)
    cells: list[PlannedCell] = []
    joined: list[Joined] = []
    for row, cfg in composed:
        data = names[row.label]
        store = trained[row.label]
        if store.name != cfg.data.name:
            raise DataError(f"{store.path} holds '{store.name}'; study {study.name} runs on '{cfg.data.name}'")
        shared = [*_overrides(study, request, row, data)]
        places = [f"store={store.path}", f"runs={request.runs}"]
        if cfg.passer is not None:
            cfg.passer.data = SYNTHETIC_EMOTIONS if asked else cfg.passer.data
            cfg.passer.store = str(prepared(replace(request, store=None), cfg.passer.data).path)
            shared.append(f"passer.data={cfg.passer.data}")
            places.append(f"passer.store={cfg.passer.store}")
        experiments = experiments_of(request.runs, cfg, store)
        for seed in request.seeds or study.seeds:
            of_seed = []
            for fold, experiment in experiments.items():
                run = RunFolder(experiment / f"seed{seed}")
                chosen = () if fold is None else (f"folds.fold={fold}",)
                overrides = (*shared, *chosen, f"seed={seed}", *places)
                split = evaluation_split(store.splits) if cfg.folds is None else fold_split(fold or 1)
                result = _result(request, row, run, store, split)
                made = PlannedCell(
                    row.label, seed, data, overrides, request.config_dirs, run, result, row.classifier, fold
                )
                of_seed.append(evaluated(made, row, store, stores[row.evaluated_on or data]))
            cells += of_seed
            if None not in experiments:
                run = RunFolder(experiment_of(request.runs, cfg, store) / f"seed{seed}")
                result = _result(request, row, run, store, JOINED)
                joined.append(Joined(row.label, seed, run, result, tuple(of_seed)))
    fingerprints = {name: store.fingerprint for name, store in stores.items()}
    counts = {name: store.meta.get("counts", {}).get("train", {}) for name, store in stores.items()}
    config = _with_metrics_of_all(composed)
    other_data = names != own or study.corpora != own_corpora
    return Plan(study, request, fingerprints, counts, other_data, tuple(cells), config, tuple(joined))


Composed = Sequence[tuple[StudyRow, Config]]


def _expect_metrics(study: Study, composed: Composed) -> None:
    """Check that each metric of the study belongs to some row.

    Other rows may lack the metric: a network that predicts no classes has no accuracy.

    Raises:
        ConfigError: no row has a metric of the study, or a row of a claim lacks the metric of the claim.
    """
    known = list(dict.fromkeys(metric for _, cfg in composed for metric in cfg.metrics))
    for metric in study.metrics:
        if metric not in known:
            raise ConfigError(f"study {study.name} asks for the metric '{metric}'; {nearest(metric, known)}")
    for row, cfg in composed:
        for claim in study.claims:
            if row.label in (claim.better, claim.worse) and claim.metric not in cfg.metrics:
                raise ConfigError(
                    f"study {study.name} claims something of '{row.label}' in the metric '{claim.metric}', which this "
                    f"row is not evaluated by; {nearest(claim.metric, [*cfg.metrics])}"
                )


def _with_metrics_of_all(composed: Composed) -> Config:
    """Return the configuration of the first row, with metrics that only other rows have added."""
    first = composed[0][1]
    for _, cfg in composed[1:]:
        add_missing(first.metrics, cfg.metrics)
    return first


def _each_once(cells: Iterable[PlannedCell]) -> list[PlannedCell]:
    """Keep the first of the cells that share one result."""
    first: dict[Path, PlannedCell] = {}
    for cell in cells:
        first.setdefault(cell.result.path, cell)
    return list(first.values())


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _changes_results(override: str) -> bool:
    """Return whether an override is part of what identifies a run."""
    first, _, rest = _key(override).partition(".")
    if first == "data" and rest.partition(".")[0] == "protocol":
        return False
    return first not in NOT_IDENTITY and not (first == "trainer" and rest in HARDWARE)


def _composed(study: Study, request: Request, row: StudyRow, data: str) -> Config:
    try:
        return compose("train", _overrides(study, request, row, data), request.config_dirs)
    except ConfigError as error:
        raise ConfigError(f"{error}\n(row '{row.label}' of study {study.name})") from error


def _overrides(study: Study, request: Request, row: StudyRow, data: str) -> list[str]:
    smoke = (*study.smoke, *row.smoke) if request.budget == "smoke" else ()
    shared = (*data_of_name(data, request), f"budget={request.budget}", *study.base)
    return [*shared, *(row.overrides or ()), *smoke, *request.overrides]


def _result(request: Request, row: StudyRow, run: RunFolder, store: Store, split: str) -> RunFolder:
    """Return the folder with the numbers of a row: the run, or where `fercli eval` writes those of a classifier."""
    if row.classifier is None:
        return run
    key = Classifier.named(row.classifier, config_dirs=request.config_dirs).key
    return run.evaluation(store.name, split, store.fingerprint, key)
