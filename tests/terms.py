"""The terms of conf/loss, built without data."""

from functools import cache

from fercli.config import compose, instantiate

HEAD = ["+head.scale=20", "+head.num_sectors=4", "+head.num_levels=64", "+head.max_score=45"]  # what losses ask of it
NUM_CLASSES = 7


@cache
def term_of(name):
    """A loss as its yaml has it, for 7 classes and features of 16 numbers."""
    cfg = compose("train", [f"loss=[{name}]", *HEAD])
    cfg.sizes.num_classes, cfg.sizes.feature_dim = NUM_CLASSES, 16
    return instantiate(cfg.loss[name])
