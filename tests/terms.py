"""The terms of conf/loss, built without data."""

from functools import cache

from fercli.catalog import choices
from fercli.config import compose, instantiate

HEAD = ["+head.scale=20", "+head.num_sectors=4", "+head.num_levels=64", "+head.max_score=45"]  # what losses ask of it
NUM_CLASSES = 7


@cache
def all_terms():
    """The configuration of all losses beside each other, which takes little longer to compose than that of one."""
    cfg = compose("train", [f"loss=[{','.join(choices('loss'))}]", *HEAD])
    cfg.sizes.num_classes, cfg.sizes.feature_dim = NUM_CLASSES, 16
    return cfg.loss


@cache
def term_of(name):
    """A loss as its yaml has it, for 7 classes and features of 16 numbers."""
    return instantiate(all_terms()[name])
