"""How similar the features of samples with near and distant depression scores are, before and after a training."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch

from fercli.datasets.datamodule import FaceData
from fercli.engine.predict import predict
from fercli.engine.recordings import sittings
from fercli.files import write_whole
from fercli.methods.base import Method
from fercli.metrics.metric import Columns, known_rows
from fercli.metrics.score_pairs import Pairs, score_pairs
from fercli.ops.samples import draw_samples
from fercli.runs.folder import RunFolder, read_table

NUM_SAMPLES = 400  # 80,000 pairs: with more, their histograms look the same


def write_pairs(columns: Columns, path: Path) -> None:
    """Write `similarity` and `gap` of the pairs among some samples from different sittings; no file without scores.

    Args:
        columns: of a prediction table, in the order of the evaluated samples. The same samples are drawn each time.
    """
    known = known_rows(columns, ["score"]) if "score" in columns else np.zeros(0, dtype=bool)
    if not known.any():
        return
    values = (columns["feature"][known], columns["score"][known], sittings(columns)[known])
    pairs = score_pairs(*values, num_samples=NUM_SAMPLES)
    frame = pd.DataFrame({"similarity": pairs.similarity, "gap": pairs.gap}, dtype=np.float32)
    write_whole(path, frame.to_parquet(None))


def read_pairs(path: Path) -> Pairs | None:
    """Read the pairs that `write_pairs` wrote; None without a table or without pairs."""
    frame = read_table(path)
    if frame is None or frame.empty:
        return None
    return Pairs(frame["similarity"].to_numpy(), frame["gap"].to_numpy())


class UntrainedPairs(pl.Callback):
    """Write `pairs_untrained.parquet` before the first step of a training with scores."""

    def __init__(self, run: RunFolder):
        self.run = run

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Predict the samples whose pairs are kept, and no others. A training that continues has the file already."""
        if trainer.global_step or not trainer.is_global_zero:
            return
        assert isinstance(pl_module, Method)
        data: FaceData = trainer.datamodule  # type: ignore[attr-defined]
        samples = data.samples(data.split.evaluation)
        first = samples if samples.ndim == 1 else samples[:, 0]
        samples = samples[~np.isnan(data.store.column("score")[first])]
        samples = samples[draw_samples(len(samples), NUM_SAMPLES)]
        if not len(samples):
            return
        training = pl_module.training
        with torch.random.fork_rng(devices=[]):  # the random numbers of the training stay the same
            write_pairs(predict(pl_module, data, samples), self.run.pairs_untrained)
        pl_module.train(training)
