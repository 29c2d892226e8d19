"""The identity of a training's data. This module imports no network library, because planning uses it."""

import os
from pathlib import Path

from fercli.checksums import digest_of
from fercli.config import Config, require
from fercli.datasets.near_together import near_together
from fercli.datasets.noise.matrix_file import content_file
from fercli.datasets.store import Store
from fercli.engine.folds import folds_of
from fercli.errors import ConfigError, RunError
from fercli.runs.folder import RunFolder


def data_fingerprint(cfg: Config, store: Store) -> str:
    """Return the fingerprint of all that a training reads.

    It is that of its store, joined with that of the store of a mean passer, with that of the near-duplicates that stay
    together, with that of a file of folds, and with the checksums of the file that label noise follows and of the
    weights that it starts from, if it has these.
    """
    found = store.fingerprint
    if cfg.passer is not None:
        require(cfg, "passer.store")
        found = f"{found}+{Store(cfg.passer.store).fingerprint}"
    if cfg.get("twins", "equal") != "equal":
        found = f"{found}&{near_together(store).digest}"
    if (folds := folds_of(cfg)) is not None and folds.fingerprint:
        found = f"{found}+{folds.fingerprint}"
    for key in ("file", "matrix"):
        if key in [*(cfg.get("noise") or ())]:  # of a mapping, `in` is False for a value that is missing
            require(cfg, f"noise.{key}")
            found = f"{found}~{_noise_digest(Path(cfg.noise[key]))}"
    return found if cfg.get("init") is None else f"{found}@{digest_of(parent_of(cfg.init).weights)}"


def _noise_digest(path: Path) -> str:
    file = content_file(path)
    if not file.is_file():
        raise ConfigError(f"expected a CSV file or a finished run in {path}, for label noise; found none")
    return digest_of(file)


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
