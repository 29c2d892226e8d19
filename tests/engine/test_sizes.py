from dataclasses import FrozenInstanceError, fields

import pytest
import yaml

from fercli.catalog import CONF
from fercli.config import plain
from fercli.datasets.channels import channel_statistics
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.sizes import Sizes

SMALL = ["method=softmax", "backbone=resnet18", "augment.size=40", "augment.shift=0", "num_train_rows=40"]
OF_CHANNELS = ["augment.mean=${sizes.mean}", "augment.std=${sizes.std}"]


@pytest.fixture
def built(config):
    """The sizes of a network of 40 faces in batches of 16, and those that its configuration holds."""

    def build(*overrides):
        cfg = config(*SMALL, *overrides)
        _, sizes = build_method(cfg, build_data(cfg, Store(cfg.store)))
        return sizes, plain(cfg.sizes)

    return build


def test_the_yaml_names_every_size():
    content = yaml.safe_load((CONF / "train.yaml").read_text())["sizes"]
    assert content == dict.fromkeys([*(field.name for field in fields(Sizes)), "feature_dim"], "???")


def test_sizes_of_a_network(built):
    """ResNet-18 halves 40 pixels five times; of three batches, two make a step."""
    sizes, written = built("trainer.accumulate_grad_batches=2", "trainer.max_epochs=7")
    assert sizes == Sizes(
        num_classes=8, dim=512, map=(512, 2, 2), mean=None, std=None, num_levels=64, num_steps=14, steps_per_epoch=2
    )
    assert written == {
        "num_classes": 8,
        "num_levels": 64,
        "dim": 512,
        "feature_dim": 512,
        "map": [512, 2, 2],
        "mean": "???",
        "std": "???",
        "num_steps": 14,
        "steps_per_epoch": 2,
    }


@pytest.mark.parametrize(
    ("overrides", "num_steps", "num_epochs"),
    [
        (["trainer.max_epochs=2"], 6, 2),
        (["trainer.max_epochs=2", "trainer.max_steps=5"], 5, 5 / 3),
        (["trainer.max_epochs=2", "trainer.max_steps=7"], 6, 2),
        (["trainer.max_epochs=null", "trainer.max_steps=7"], 7, 7 / 3),
    ],
)
def test_the_length_of_a_training(built, overrides, num_steps, num_epochs):
    sizes, _ = built(*overrides)
    assert (sizes.steps_per_epoch, sizes.num_steps) == (3, num_steps)
    assert sizes.num_epochs == pytest.approx(num_epochs)


def test_a_network_without_a_map(built):
    sizes, written = built("backbone.map=null")
    assert sizes.map is None
    assert written["map"] is None


def test_channels_are_measured_where_the_augmentation_reads_them(built, faces):
    sizes, written = built(*OF_CHANNELS)
    mean, std = channel_statistics(store := Store(faces), store.rows("train"))
    assert (sizes.mean, sizes.std) == (tuple(mean), tuple(std))
    assert (written["mean"], written["std"]) == (mean, std)


def test_sizes_do_not_change(built):
    sizes, _ = built()
    with pytest.raises(FrozenInstanceError):
        sizes.num_steps = 1
