"""Samples that a run was evaluated on, on which a written network is compared with it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.store import Store
from fercli.engine.build import face_data, run_split
from fercli.engine.training_data import require_same_twins
from fercli.errors import ConfigError, DataError
from fercli.export.network import input_shapes
from fercli.inference.model import Model

MOST_SAMPLES = 200
Inputs = dict[str, np.ndarray]


def evaluated_samples(
    config: Config, recorded: Mapping[str, Any], store_path: Path | None = None
) -> tuple[FaceData, np.ndarray]:
    """Return the data of a run, and at most 200 of the samples that it was evaluated on, evenly spread.

    Args:
        config: of the run.
        recorded: its `metrics.json`.
        store_path: where the store of the run lies; None where the run found it.

    Raises:
        DataError: there is no store, or it is another one than that of the run.
    """
    path = Path(store_path or config.store)
    if not path.is_dir():
        raise DataError(
            f"the exported files are compared with the run on images that it was evaluated on; expected its store in "
            f"{path}, found no folder. Give its place with --store, or prepare the data set again"
        )
    store = Store(path, config.get("score"))
    if store.fingerprint != recorded["data"]["fingerprint"]:
        raise DataError(
            f"expected the store that the run was trained on, found another one in {path}; give its place with "
            "--store, or prepare the data set again as it was"
        )
    require_same_twins(config, store, recorded)
    data = face_data(config, store, run_split(config, store))
    samples = data.samples(data.split.evaluation)
    places = np.unique(np.linspace(0, len(samples) - 1, min(MOST_SAMPLES, len(samples))).round().astype(int))
    return data, samples[places]


def evaluated_inputs(model: Model, data: FaceData, samples: np.ndarray) -> Iterator[Inputs]:
    """Yield batches of the inputs of a model, as the store holds them.

    Raises:
        ConfigError: the images of the store have shapes of their own.
    """
    shapes = input_shapes(model)
    for batch in data.samples_dataloader(samples):
        given = {name: getattr(batch, name) for name in shapes}
        if given.get("landmarks", batch.image) is None:  # of a store without landmarks: none is known
            given["landmarks"] = np.full((len(batch), *shapes["landmarks"]), np.nan, np.float32)
        inputs = {name: np.asarray(value) for name, value in given.items()}
        if batch.extent is not None or any(list(inputs[name].shape[1:]) != shapes[name] for name in shapes):
            found = " and ".join("x".join(map(str, value.shape[1:])) for value in inputs.values())
            raise ConfigError(
                f"a written network takes images of one shape, {shapes['image']}; those of {data.store.path} have "
                f"others ({found}): it cannot be exported"
            )
        yield inputs
