"""The identity of a training's data. This module imports no network library, because planning uses it."""

import os
from pathlib import Path

from fercli.checksums import digest_of
from fercli.config import Config, require
from fercli.datasets.store import Store
from fercli.engine.folds import folds_of
from fercli.errors import RunError
from fercli.runs.folder import RunFolder


def data_fingerprint(cfg: Config, store: Store) -> str:
    """Return the fingerprint of all that a training reads.

    It is that of its store, joined with that of the store of a mean passer, with that of a file of folds, and with the
    checksum of the weights that it starts from, if it has these.
    """
    found = store.fingerprint
    if cfg.passer is not None:
        require(cfg, "passer.store")
        found = f"{found}+{Store(cfg.passer.store).fingerprint}"
    if (folds := folds_of(cfg)) is not None and folds.fingerprint:
        found = f"{found}+{folds.fingerprint}"
    return found if cfg.get("init") is None else f"{found}@{digest_of(parent_of(cfg.init).weights)}"


def parent_of(path: str | Path) -> RunFolder:
    """Return the finished run that `init` names, with sound weights.

    Raises:
        RunError: it is no run, not finished, or damaged.
    """
    run = RunFolder.existing(path if len(Path(path).parts) > 1 else os.path.abspath(path))
    if not run.finished:
        raise RunError(f"init={path} is not finished; the command that started it continues it")
    run.require_sound(run.weights)
    return run
