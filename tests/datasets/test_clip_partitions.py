"""Clips in label-balanced batches come from the training partition alone."""

import numpy as np
import pytest

from fercli.datasets.datamodule import FaceData
from fercli.datasets.splits import split_rows
from fercli.samplers.label_balanced import LabelBalanced

NUM_FRAMES = 8
SCORES = (0.0, 20.0, 45.0)


@pytest.fixture
def store(write_store):
    """Four videos of each of three scores in every partition, eight frames each; the rows are not in order."""
    rows = [
        {"split": split, "video": f"{split}{score:g}_{video}", "score": score, "time": float(time)}
        for split in ("test", "train", "val")
        for score in SCORES
        for video in range(4)
        for time in range(NUM_FRAMES)
    ]
    return write_store([rows[i] for i in np.random.default_rng(0).permutation(len(rows))])


def test_no_other_clip_enters_a_training_batch(store):
    split = split_rows(store, rule="best", holdout=0.1, seed=0)
    data = FaceData(store, split, LabelBalanced(6, 3), batch_size=6, clip={"length": 4, "stride": 4})
    loader = data.loader(data.samples(split.train), data.train_batches())
    batches = list(loader)
    assert len(batches) == 2 * 4 * len(SCORES) // 6
    for batch in batches:
        assert batch.image.shape[:2] == (6, 4)
        assert all(video.startswith("train") for video in batch.video)
        assert len(set(batch.id)) == 6
        assert np.unique(batch.score, return_counts=True)[1].tolist() == [3, 3]
        # Three clips of a score are of three videos.
        assert len(set(batch.video)) == 6
