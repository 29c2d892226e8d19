"""The folders of the trainings of one row of a study, which its seeds share: one, or one for each fold."""

from pathlib import Path

from fercli.config import Config, unresolved
from fercli.datasets.store import Store
from fercli.engine.folds import divided, folds_of
from fercli.engine.identity import data_fingerprint
from fercli.errors import ConfigError
from fercli.runs.folder import RunFolder


def experiment_of(runs: Path, cfg: Config, store: Store, fold: int | None = None) -> Path:
    """Return the folder of the seeds of a configuration; with a fold, that of its trainings on this fold."""
    config = unresolved(cfg)
    if fold is not None:
        config["folds"] = config["folds"] | {"fold": fold}
    return RunFolder.of(runs, config, data_fingerprint(cfg, store)).path.parent


def experiments_of(runs: Path, cfg: Config, store: Store) -> dict[int | None, Path]:
    """Return the folder of the trainings of a row by fold; by None where there is no fold to choose.

    Raises:
        ConfigError: a fold is chosen already: a study trains all of them.
    """
    folds = folds_of(cfg)
    if folds is None or folds.is_single:
        return {None: experiment_of(runs, cfg, store)}
    if folds.fold is not None:
        raise ConfigError(
            f"a study trains every fold; remove folds.fold={folds.fold}, or train this fold alone: fercli train"
        )
    if len(store):
        folds.assign(divided(cfg, store), cfg.seed)  # refuses what does not fit the store before anything trains
    return {fold: experiment_of(runs, cfg, store, fold) for fold in range(1, folds.count(store) + 1)}
