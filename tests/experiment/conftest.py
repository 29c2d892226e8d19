import numpy as np
import pytest

from fercli.config import compose
from fercli.datasets.store import Store
from fercli.experiment.build import build_data, build_method
from fercli.experiment.evaluation import Judged
from fercli.experiment.predictions import Evaluation
from fercli.runs.folder import RunFolder


@pytest.fixture(scope="module")
def keep_checkpoints():
    """Finished runs keep their checkpoints, for tests that look at more than weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "drop_checkpoints", lambda run: None)
        yield


@pytest.fixture
def untrained(faces, recordings, tmp_path):
    """Of a data set and further overrides: a network as it starts to train, judged on its split with no prediction."""

    def judge(data, *overrides):
        store = {"synthetic": faces, "synthetic_depression": recordings}[data]
        shared = [f"data={data}", f"store={store}", "trainer.accelerator=cpu"]
        cfg = compose("train", [*shared, *overrides])
        found = build_data(cfg, Store(store))
        rows = found.first_rows(found.split.evaluation)
        columns = {"id": found.store.column("id")[rows], "expression": np.array(found.store.labels[rows])}
        evaluation = Evaluation(columns, {}, found.store.classes, found.split.evaluation_name)
        return Judged(tmp_path, build_method(cfg, found).eval(), found, evaluation, {}, None)

    return judge


@pytest.fixture
def config(faces):
    """Overrides to the configuration of a training on drawn faces."""
    base = ["data=synthetic", f"store={faces}", "trainer.accelerator=cpu", "trainer.batch_size=16"]
    return lambda *overrides: compose("train", [*base, *overrides])
