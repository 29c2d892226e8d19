"""Methods of severity can learn the scores of a few recordings by heart; what they learn of others is in benchmarks."""

import numpy as np
import pytest
import torch

from fercli.config import compose
from fercli.datasets.splits import split_rows
from fercli.datasets.store import Store
from fercli.engine.build import build_method, face_data

CLIPS = ["backbone.width=4", "backbone.dim=32", "augment=none", "augment.size=16", "sampler=shuffle"]
PATCHES = ["backbone.width=4", "head.hidden=32", "augment.size=64", "head.dropout=0"]
METHODS = {
    "frame_regression": [
        "backbone=lenets",
        "augment=none",
        "augment.size=28",
        "head.label_scale=10",
        "optimizer.lr=0.001",
    ],
    "clip_regression": [*CLIPS, "head.dropout=0", "head.init_output_bias=true", "head.label_scale=10"],
    "dj_ldml": [*CLIPS, "head.dropout=0", "optimizer.lr=0.006"],
    "dlga_cnn": [*PATCHES, "head.init_output_bias=true"],
    "cmgcn_depression": ["augment.size=32", "head.form=joint"],
}
NUM_STEPS = {"frame_regression": 40, "clip_regression": 160, "dj_ldml": 80, "dlga_cnn": 30, "cmgcn_depression": 25}


def prepared(recordings, name, number, column, *options):
    """A method, a sample of each of so many values of a column as the network sees them, and the optimizer."""
    base = [
        "data=synthetic_depression",
        f"store={recordings}",
        f"method={name}",
        "selection=last",
        "seed=0",
        "optimizer.lr=0.003",
    ]
    cfg = compose("train", [*base, "optimizer=adam", "scheduler=constant", *METHODS[name], *options])
    store = Store(recordings)
    data = face_data(cfg, store, split_rows(store, "last", 0.0, 0))
    method, _ = build_method(cfg, data)
    samples = data.samples(data.split.train)
    first = samples if samples.ndim == 1 else samples[:, 0]
    one_of_each = np.unique(store.column(column)[first].astype(str), return_index=True)[1][:number]
    (batch,) = data.samples_dataloader(samples[one_of_each])
    return method, method.eval().augmented(batch), method.configure_optimizers()["optimizer"]


def step(method, batch, optimizer):
    """The loss, and a step down."""
    loss, _ = method.train().objective(method(batch), batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@pytest.mark.parametrize("name", METHODS)
def test_a_few_recordings_are_learned(recordings, name):
    method, batch, optimizer = prepared(recordings, name, 12, "video")
    for _ in range(NUM_STEPS[name]):
        step(method, batch, optimizer)
    with torch.inference_mode():
        error = (method(batch).predicted_score - batch.score).abs().mean()
    constant = (batch.score.mean() - batch.score).abs().mean()
    assert error < constant / 2, (error, constant)


def test_dlga_cnn_learns_eight_faces_by_heart_within_500_steps(recordings):
    """Acceptance check T1 of DLGA-CNN, with its quick profile on a narrower network and at a higher rate."""
    method, batch, optimizer = prepared(recordings, "dlga_cnn", 8, "score", "optimizer.lr=0.001")
    assert len(batch.score.unique()) == 8
    assert any(step(method, batch, optimizer) < 1 for _ in range(500))
