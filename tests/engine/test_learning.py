"""Every method learns what the drawn faces show: better than chance on people that it has not seen, at one seed."""

import json

import pytest

from fercli.catalog import choices
from fercli.config import compose
from fercli.engine.training import train

CLEARLY_MORE = 0.4  # chance is one of eight; 61 faces are evaluated, so this is six standard errors above it
LONGER = ["trainer.max_epochs=10"]  # affect and neighbors are learned more slowly than classes
OPTIONS = {
    "affect_regression": LONGER,
    "dacl": ["head.widths=[64,32,16]"],
    "emotion_gcn": ["augment.size=48", "optimizer.lr=0.006", "trainer.max_epochs=12"],
    "gated_dacl": ["head.widths=[64,32,16]"],
    "dda_printed": ["loss.dda.weight=0.05"],  # the weights of the source are too steep for a short training
    "multitask_affect": LONGER,
    "retrieval": [*LONGER, "sampler.num_samples=4", "head.embedding_dim=32"],
}
OF_SCORES = ("clip_regression", "clip_label_distribution", "dj_ldml", "dlga_cnn", "la_cnn", "ga_cnn", "lga_cnn")
OF_SCORES += ("cmgcn_depression", "frame_regression")  # see test_learning_scores
OF_CLIPS = ("caer_net",)  # drawn faces are stills


@pytest.mark.parametrize("name", [name for name in choices("method") if name not in (*OF_SCORES, *OF_CLIPS)])
def test_it_beats_chance(faces, tmp_path, name):
    cfg = compose(
        "train",
        [
            *[f"method={name}", "data=synthetic", f"store={faces}", f"runs={tmp_path}", "seed=0", "selection=last"],
            *["backbone=timm", "backbone.name=test_resnet", "augment.size=32", "optimizer=adamw"],
            *["optimizer.lr=0.008", "trainer.max_epochs=6", "trainer.batch_size=32", "trainer.accelerator=cpu"],
            *["logger=none", *OPTIONS.get(name, [])],
        ],
    )
    metrics = json.loads(train(cfg, []).metrics.read_text())["metrics"]
    if "accuracy" in metrics:
        assert metrics["accuracy"]["value"] > CLEARLY_MORE
    if "recall_at_1" in metrics:
        assert metrics["recall_at_1"]["value"] > CLEARLY_MORE / 2
    if "ccc_valence" in metrics:  # a constant or random prediction has 0
        assert metrics["ccc_valence"]["value"] > 0.2
