import pytest
from omegaconf import OmegaConf

from fercli.engine.selection_words import selection_elsewhere, selection_on_own
from fercli.protocol import NEAR_TOGETHER, SELECTIONS
from tests.engine.test_protocol import store


@pytest.mark.parametrize(
    ("rule", "splits", "split", "selection"),
    [
        ("best", ("train", "test"), "test", "holdout"),
        ("best", ("train", "val"), "val", "holdout"),
        ("best", ("train", "val", "test"), "test", "validation"),
        ("best", ("train", "val", "test"), "val", "reported split"),
        ("best", ("train", "val", "test"), "train", "another split"),
        ("paper", ("train", "val", "test"), "test", "reported split"),
        ("paper", ("train", "val", "test"), "val", "another split"),
        ("last", ("train", "val", "test"), "test", "last"),
        ("training_loss", ("train", "val", "test"), "test", "training loss"),
    ],
)
def test_how_the_epoch_was_chosen_depends_on_the_split_that_is_reported(rule, splits, split, selection):
    for twins, words in (("equal", selection), ("near", selection.replace("holdout", f"holdout{NEAR_TOGETHER}"))):
        cfg = OmegaConf.create({"selection": {"rule": rule}, "twins": twins})
        assert selection_on_own(cfg, store(splits=splits), split) == words
        assert words.removesuffix(NEAR_TOGETHER) in SELECTIONS


@pytest.mark.parametrize(
    ("rule", "recorded", "selection"),
    [
        ("best", {"dataset": "FER+", "selection": "validation"}, "validation"),
        ("best", {"selection": "holdout"}, ""),  # written before: a part of training, or a validation split
        ("paper", {"dataset": "FER+", "selection": "reported split"}, "another split"),
        ("last", {"selection": "last"}, "last"),
        ("training_loss", {"dataset": "FER+", "selection": "training loss"}, "training loss"),
    ],
)
def test_on_another_store_no_split_of_training_is_reported(rule, recorded, selection):
    assert selection_elsewhere(rule, recorded) == selection
