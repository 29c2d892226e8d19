import pytest
from omegaconf import open_dict

from fercli.config import compose
from fercli.engine.run_options import run_options


def options(*overrides):
    return run_options(compose("train", list(overrides)))


def test_they_are_those_of_the_configuration():
    found = options("data=rafdb", "method=dacl", "seed=3", "selection=last", "trainer.max_epochs=2", "train_share=0.5")
    assert (found.data, found.seed, found.train_share, found.num_train_rows) == ("rafdb", 3, 0.5, None)
    assert (found.choices.method, found.choices.data, found.choices.noise) == ("dacl", "rafdb", "none")
    assert (found.selection.rule, found.selection.chooses_epoch, found.trainer.max_epochs) == ("last", False, 2)
    with pytest.raises(AttributeError):
        found.seed = 4


@pytest.mark.parametrize(
    ("overrides", "size", "whole"),
    [
        (["augment=shift_flip", "augment.size=40"], 40, 40),
        (["augment=crop_flip_turn", "augment.size=224"], 224, 256),
        (["augment=ten_crop", "augment.resize=100", "augment.size=90"], 90, 100),
    ],
)
def test_the_network_sees_a_part_of_the_image(overrides, size, whole):
    inputs = options(*overrides).inputs
    assert (inputs.size, inputs.whole) == (size, whole)


@pytest.mark.parametrize(
    ("rule", "meter", "is_metered"), [("best", "true", True), ("paper", "true", False), ("last", "false", False)]
)
def test_a_rule_that_sees_the_evaluation_split_needs_no_meter(rule, meter, is_metered):
    assert options(f"selection={rule}", f"selection.meter={meter}").selection.is_metered == is_metered


def test_a_run_of_an_earlier_version_has_the_defaults_of_what_it_lacks():
    cfg = compose("train", [])
    with open_dict(cfg):
        del cfg.selection.meter
        del cfg.choices.noise
    found = run_options(cfg)
    assert not found.selection.is_metered
    assert found.choices.noise is None
