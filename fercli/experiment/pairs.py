"""How alike the features of samples with near and with distant depression scores are, before and after a training."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch

from fercli.datasets.datamodule import FaceData
from fercli.experiment.predict import predict
from fercli.experiment.recordings import sittings
from fercli.methods.base import Method
from fercli.metrics.metric import known_rows
from fercli.reports.score_similarity import score_pairs
from fercli.runs.folder import RunFolder

NUM_SAMPLES = 400  # 80,000 pairs: a picture of their histograms does not change with more


def write_pairs(method: Method, data: FaceData, path: Path) -> None:
    """Columns `similarity` and `gap` of the pairs among some evaluated samples from different sittings.

    Of data without scores no file is written. The same samples are drawn each time.
    """
    samples = data.samples(data.split.evaluation)
    first = samples if samples.ndim == 1 else samples[:, 0]
    samples = samples[~np.isnan(data.store.column("score")[first])]
    if not len(samples):
        return
    drawn = np.sort(np.random.default_rng(0).permutation(len(samples))[:NUM_SAMPLES])
    columns = predict(method, data, samples[drawn])
    known = known_rows(columns, ["score"])
    pairs = score_pairs(columns["feature"][known], columns["score"][known], sittings(columns)[known])
    frame = pd.DataFrame({"similarity": pairs.similarity, "gap": pairs.gap}, dtype=np.float32)
    frame.to_parquet(path)


class UntrainedPairs(pl.Callback):
    """`pairs_untrained.parquet`, before the first step of a training with scores."""

    def __init__(self, run: RunFolder):
        self.run = run

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A training that continues has them already."""
        if trainer.global_step or not trainer.is_global_zero:
            return
        assert isinstance(pl_module, Method)
        training = {module: module.training for module in pl_module.modules()}
        with torch.random.fork_rng(devices=[]):  # the training draws what it would draw without this
            write_pairs(pl_module, trainer.datamodule, self.run.pairs_untrained)  # type: ignore[attr-defined]
        for module, mode in training.items():
            module.training = mode
