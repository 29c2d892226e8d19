"""The plan of a study: one cell per row and seed, and which of them have run already."""

import shlex
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from fercli.config import Config, compose, unresolved
from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError, nearest
from fercli.experiment.identity import data_fingerprint
from fercli.runs.folder import RunFolder
from fercli.studies.study import Study, StudyRow

SYNTHETIC_EMOTIONS = "synthetic_context"  # stands for the emotions of a mean passer where a study runs on other data
# Overrides that have an option of their own, because the study itself must know them.
OWN_OPTIONS = {"data": "--data", "budget": "--budget", "seed": "--seeds"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks of a study.

    Attributes:
        store: the prepared data set; None for `stores/<data>`.
        seeds: None for those of the study.
        data: None for the data set of the study.
        overrides: applied to every cell.
        config_dirs: folders with yaml files of the user.
    """

    runs: Path = Path("runs")
    stores: Path = Path("stores")
    store: Path | None = None
    seeds: tuple[int, ...] | None = None
    data: str | None = None
    budget: str = "full"
    overrides: tuple[str, ...] = ()
    config_dirs: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One training of a study: what `fercli train` is given, and where it runs."""

    label: str
    seed: int
    arguments: tuple[str, ...]
    run: RunFolder

    @property
    def command(self) -> str:
        """What a user types to run this cell alone."""
        return shlex.join(["fercli", "train", *self.arguments])

    @property
    def log(self) -> Path:
        """What the training of this cell said."""
        return self.run.path.with_suffix(".log")


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a study, for one request.

    Attributes:
        data: the data set on which the cells run, but for rows with one of their own.
        fingerprints: of the stores, by data set.
        config: of the trainings of the first row, whose `metrics` say how each is computed.
    """

    study: Study
    request: Request
    data: str
    fingerprints: dict[str, str]
    cells: tuple[Cell, ...]
    config: Config

    @property
    def missing(self) -> list[Cell]:
        """The cells that have not finished; one of them where rows share a training."""
        return list({cell.run.path: cell for cell in self.cells if not cell.run.finished}.values())

    @property
    def other_data(self) -> bool:
        """Whether the cells run on another data set than the source used."""
        return self.data != (self.study.prepared or self.study.data)

    @property
    def folder(self) -> Path:
        """Where the tables of this study go; other data and budgets beside it, never over it."""
        parts = [self.study.name.replace("/", "_")]
        parts += [self.data] if self.other_data else []
        parts += [self.request.budget] if self.request.budget != "full" else []
        return self.request.runs / "studies" / "_".join(parts)


def plan(study: Study, request: Request) -> Plan:
    """The cells of a study, each checked to compose before anything runs.

    Raises:
        ConfigError: an override or a metric does not exist, or is given where an option is meant for it.
        DataError: the data set is not prepared where it was expected, or is another one.
    """
    for key in (override.lstrip("+~").partition("=")[0] for override in request.overrides):
        if key in OWN_OPTIONS:
            raise ConfigError(f"'{key}=' cannot be given to the cells of a study; use {OWN_OPTIONS[key]}")
    asked = study.synthetic if request.data == "synthetic" else request.data
    main = asked or study.prepared or study.data
    names = {row.label: asked or row.prepared or main for row in study.trained}
    rows = iter(study.trained)
    composed = [(row, _composed(study, request, row, names[row.label])) for row in islice(rows, 1)]
    stores = {name: _store(request, name) for name in dict.fromkeys(names.values())}
    composed += [(row, _composed(study, request, row, names[row.label])) for row in rows]  # slow, so not without stores
    for _, cfg in composed:
        for metric in study.metrics:
            if metric not in cfg.metrics:
                raise ConfigError(
                    f"study {study.name} asks for the metric '{metric}'; {nearest(metric, [*cfg.metrics])}"
                )
    cells = []
    for row, cfg in composed:
        data = names[row.label]
        store = stores[data]
        if store.name != cfg.data.name:
            raise DataError(f"{store.path} holds '{store.name}'; study {study.name} runs on '{cfg.data.name}'")
        shared = [*_overrides(study, request, row, data)]
        places = [f"store={store.path}", f"runs={request.runs}"]
        if cfg.passer is not None:
            cfg.passer.data = SYNTHETIC_EMOTIONS if asked else cfg.passer.data
            cfg.passer.store = str(_store(replace(request, store=None), cfg.passer.data).path)
            shared.append(f"passer.data={cfg.passer.data}")
            places.append(f"passer.store={cfg.passer.store}")
        for folder in request.config_dirs:
            places += ["--config-dir", str(folder)]
        experiment = RunFolder.of(request.runs, unresolved(cfg), data_fingerprint(cfg, store)).path.parent
        for seed in request.seeds or study.seeds:
            run = RunFolder(experiment / f"seed{seed}")
            cells.append(Cell(row.label, seed, (*shared, f"seed={seed}", *places), run))
    fingerprints = {name: store.fingerprint for name, store in stores.items()}
    return Plan(study, request, main, fingerprints, tuple(cells), composed[0][1])


def _composed(study: Study, request: Request, row: StudyRow, data: str) -> Config:
    try:
        return compose("train", _overrides(study, request, row, data), request.config_dirs)
    except ConfigError as error:
        raise ConfigError(f"{error}\n(row '{row.label}' of study {study.name})") from error


def _overrides(study: Study, request: Request, row: StudyRow, data: str) -> list[str]:
    smoke = study.smoke if request.budget == "smoke" else ()
    shared = (f"data={data}", f"budget={request.budget}", *study.base)
    return [*shared, *(row.overrides or ()), *smoke, *request.overrides]


def _store(request: Request, data: str) -> Store:
    path = request.store or request.stores / data
    if not (path / "dataset.json").is_file() and not (path / "shards").is_dir():
        raw = "" if data.startswith("synthetic") else " raw=<folder, zip or file>"
        raise DataError(
            f"expected '{data}' prepared in {path}; found none: fercli preprocess data={data}{raw} store={path}\n"
            "Or say where it lies with store=<folder>, or run the study on other data with --data <name>."
        )
    return Store(path)
