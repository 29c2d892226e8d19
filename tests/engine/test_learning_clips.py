"""Methods on clips of faces in scenes can learn a few clips by heart."""

import math

import numpy as np
import torch

from fercli.config import compose
from fercli.datasets.splits import split_rows
from fercli.datasets.store import Store
from fercli.engine.build import build_method, face_data

NUM_STEPS = 20
OPTIONS = ["inputs.clip.length=8", "inputs.clip.stride=8", "augment=none", "augment.size=32", "head.dropout=0"]
OPTIONS += ["optimizer=adam", "optimizer.lr=0.003", "scheduler=constant", "selection=last", "seed=0"]


def test_caer_net_learns_four_clips_of_four_expressions(clips):
    cfg = compose("train", ["method=caer_net", "data=synthetic_context_clips", f"store={clips}", *OPTIONS])
    store = Store(clips)
    data = face_data(cfg, store, split_rows(store, "last", 0.0, 0))
    torch.manual_seed(0)
    method, _ = build_method(cfg, data)
    samples = data.samples(data.split.train)
    of_each = np.unique(store.column("expression")[samples[:, 0]], return_index=True)[1][:4]
    (batch,) = data.samples_dataloader(samples[of_each])
    batch = method.eval().augmented(batch)
    assert batch.image.shape == batch.context.shape == (4, 8, 3, 32, 32)
    before = {name: parameter.detach().clone() for name, parameter in method.named_parameters()}
    optimizer = method.configure_optimizers()["optimizer"]
    losses = []
    for _ in range(NUM_STEPS):
        loss, _ = method.train().objective(method(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    chance = math.log(7)  # cross-entropy of equal probabilities
    assert losses[0] > chance / 2
    assert losses[-1] < chance / 10
    unmoved = [name for name, parameter in method.named_parameters() if torch.equal(parameter, before[name])]
    assert unmoved == []  # both streams, the attention to the scene and the weights of the streams learn
