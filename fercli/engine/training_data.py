"""The data that a finished run was trained on."""

from collections.abc import Mapping
from typing import Any

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.store import Store
from fercli.engine.build import face_data, run_split
from fercli.engine.noise import recorded_noise
from fercli.errors import DataError
from fercli.runs.folder import RunFolder


def store_of_training(cfg: Config, recorded: Mapping[str, Any]) -> Store | None:
    """Return the store that the run was trained on; None where it is gone or has changed."""
    try:
        store = Store(cfg.store, cfg.get("score"))
    except DataError:
        return None
    return store if store.fingerprint == recorded["data"]["fingerprint"] else None


def data_of_training(run: RunFolder, cfg: Config, store: Store, recorded: Mapping[str, Any]) -> FaceData:
    """Return the data of a run, as it was trained.

    Raises:
        DataError: the store is not the one that the run was trained on.
    """
    if store.fingerprint != recorded["data"]["fingerprint"]:
        raise DataError(
            f"{store.path} has changed since the run was trained, and a classifier is fitted to the features of its "
            "training rows; prepare it again as it was"
        )
    split = run_split(cfg, store)
    return face_data(cfg, store, split, noise=recorded_noise(run, recorded, store, split.train))
