from types import SimpleNamespace

import pytest

from fercli.config import compose
from fercli.engine.training import train
from fercli.export.folder import export


@pytest.fixture(scope="session")
def exported(faces, tmp_path_factory):
    """A run on drawn faces of 48 pixels, which the network sees with 16 pixels, and what it was exported to."""
    pytest.importorskip("onnxscript", reason="an optional extra: pip install fercli[export]")
    folder = tmp_path_factory.mktemp("exported")
    shared = ["data=synthetic", f"store={faces}", f"runs={folder}/runs", "method=multitask_affect", "backbone=lenets"]
    shared += ["augment.size=16", "trainer.max_epochs=1", "trainer.accelerator=cpu", "logger=none", "num_train_rows=32"]
    run = train(compose("train", [*shared, "selection=last"]), [])
    account = export(run, folder / "out")
    return SimpleNamespace(run=run, store=faces, folder=folder / "out", account=account)
