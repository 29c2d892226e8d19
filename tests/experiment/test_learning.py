"""Every method learns what the drawn faces show: better than chance on people that it has not seen, at one seed."""

import json

import pytest

from fercli.catalog import choices
from fercli.config import compose
from fercli.experiment.training import train

CLEARLY_MORE = 0.4  # chance is one of eight; 61 faces are judged, so this is six standard errors above it
OPTIONS = {
    "dacl": ["head.widths=[64,32,16]"],
    "gated_dacl": ["head.widths=[64,32,16]"],
}


@pytest.mark.parametrize("name", choices("method"))
def test_it_beats_chance(faces, tmp_path, name):
    cfg = compose(
        "train",
        [
            *[f"method={name}", "data=synthetic", f"store={faces}", f"runs={tmp_path}", "seed=0", "selection=last"],
            *["backbone=timm", "backbone.name=test_resnet", "augment.size=48", "optimizer=adamw"],
            *["optimizer.lr=0.002", "trainer.max_epochs=10", "trainer.batch_size=16", "trainer.accelerator=cpu"],
            *["logger=none", *OPTIONS.get(name, [])],
        ],
    )
    metrics = json.loads(train(cfg, []).metrics.read_text())["metrics"]
    if "accuracy" in metrics:
        assert metrics["accuracy"]["value"] > CLEARLY_MORE
    if "ccc_valence" in metrics:  # a constant or random prediction has 0
        assert metrics["ccc_valence"]["value"] > 0.2
