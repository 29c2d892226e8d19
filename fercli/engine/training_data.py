"""The data that a finished run was trained on."""

from collections.abc import Mapping
from typing import Any

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.near_together import near_together
from fercli.datasets.store import Store
from fercli.datasets.twins import NEAR_FILE
from fercli.engine.build import face_data, run_split
from fercli.engine.noise import recorded_noise
from fercli.errors import DataError
from fercli.runs.folder import RunFolder


def store_of_training(path: str, score: str | None, recorded: Mapping[str, Any]) -> Store | None:
    """Return the store at a path if it is the one that the run was trained on; None where it is gone or has changed.

    Args:
        score: questionnaire that the run chose.
    """
    try:
        store = Store(path, score)
    except DataError:
        return None
    return store if store.fingerprint == recorded["data"]["fingerprint"] else None


def require_same_twins(cfg: Config, store: Store, recorded: Mapping[str, Any]) -> None:
    """Make sure that the near-duplicates which divided the rows of a run are those that the store names today.

    Raises:
        DataError: an audit has found others since then.
    """
    if cfg.get("twins", "equal") == "near" and near_together(store).digest != recorded["near_duplicates"]["digest"]:
        raise DataError(
            f"the near-duplicates of {store.path} are not those by which the rows of the run were divided; put "
            f"{NEAR_FILE} back as it was, or train the run again"
        )


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
    require_same_twins(cfg, store, recorded)
    split = run_split(cfg, store)
    return face_data(cfg, store, split, noise=recorded_noise(run, recorded, store, split.train))
