import numpy as np
import pandas as pd
import pytest
import torch

from fercli.config import compose
from fercli.engine import pairs, training
from fercli.engine.recordings import sittings
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.reload import reload
from fercli.engine.training import train

SMALL = ["backbone.width=2", "backbone.dim=8", "augment.size=32", "trainer.batch_size=4", "sampler.num_samples=1"]
SMALL += ["trainer.max_epochs=1", "trainer.accelerator=cpu", "logger=none", "selection=last", "optimizer.lr=0.0001"]


@pytest.fixture
def trained(recordings, tmp_path):
    """A training of a clip method on scores, in a folder of the name given."""

    def start(name, *overrides):
        places = [f"store={recordings}", f"runs={tmp_path / name}"]
        shared = ["data=synthetic_depression", "method=clip_regression", *places]
        return train(compose("train", [*shared, *SMALL, *overrides]), [])

    return start


def test_pairs_are_cosines_of_the_evaluated_features_of_different_sittings(trained):
    run = trained("runs")
    columns = Reevaluation.prepared(run).evaluate().evaluation.columns
    unit = columns["feature"] / np.linalg.norm(columns["feature"], axis=1, keepdims=True)
    group = sittings(columns)
    expected = [
        (unit[i] @ unit[j], abs(columns["score"][i] - columns["score"][j]))
        for i in range(len(unit))
        for j in range(i + 1, len(unit))
        if group[i] != group[j]
    ]
    found = pd.read_parquet(run.pairs)
    np.testing.assert_allclose(np.sort(found["gap"]), np.sort([gap for _, gap in expected]))
    np.testing.assert_allclose(
        np.sort(found["similarity"]), np.sort([cosine for cosine, _ in expected]), rtol=0, atol=1e-5
    )


def test_the_same_pairs_before_the_training_are_those_of_its_first_weights(trained):
    run = trained("runs", "optimizer.lr=0")
    before, after = pd.read_parquet(run.pairs_untrained), pd.read_parquet(run.pairs)
    np.testing.assert_array_equal(before["gap"], after["gap"])
    moved = trained("moved")
    pd.testing.assert_frame_equal(pd.read_parquet(moved.pairs_untrained), before)
    assert (pd.read_parquet(moved.pairs)["similarity"] - before["similarity"]).abs().max() > 1e-4


def test_looking_at_pairs_does_not_move_the_training(trained, monkeypatch):
    with_look = trained("with")
    monkeypatch.setattr(training, "UntrainedPairs", lambda run: pairs.pl.Callback())
    without = trained("without")
    assert not without.pairs_untrained.exists()
    first, second = (reload(run)[1].state_dict() for run in (with_look, without))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_some_samples_stand_for_many(trained, monkeypatch):
    monkeypatch.setattr(pairs, "NUM_SAMPLES", 3)
    assert len(pd.read_parquet(trained("runs").pairs)) <= 3


def test_data_without_scores_has_no_pairs(digits_config):
    run = train(digits_config("trainer.max_epochs=1"), [])
    assert not run.pairs.exists()
    assert not run.pairs_untrained.exists()
