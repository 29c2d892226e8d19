from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.cli.preprocess import OPTIONS
from fercli.config import compose, instantiate, plain
from fercli.datasets.reader import SaysProtocol
from fercli.engine.protocol import measured_protocol
from fercli.engine.selection_words import selection_on_own
from tests.terms import term_of

NO_FILES = SimpleNamespace(names=lambda pattern="": [], is_single=False)
SPLITS = {"caer": ("train", "val", "test"), "ferplus": ("train", "val", "test"), "fer2013": ("train", "val", "test")}
KEYS = ("experiment", "method", "backbone", "selection", "augment", "inputs", "loss", "classifier")


@cache
def prepared(data):
    """As much of a data set's store, prepared with the defaults, as says its protocol."""
    cfg = compose("preprocess", [f"data={data}"])
    options, reader = plain(cfg), instantiate(cfg.data.reader)
    found = reader.protocol(NO_FILES) if isinstance(reader, SaysProtocol) and data not in ("folder", "table") else {}
    said = {name: value for name, value in options["data"]["protocol"].items() if value is not None}
    splits = ("train", "val", "test") if data.startswith("avec") else SPLITS.get(data, ("train", "test"))
    splits = ("train", "val") if data.startswith(("affectnet", "aff_wild2")) else splits
    return SimpleNamespace(
        name=options["data"]["name"],
        meta={"options": {name: options[name] for name in OPTIONS}, "protocol": found | said},
        classes=reader.info.classes or (),
        splits=splits,
        has_landmarks=np.zeros(1, bool),
        rows=lambda split: np.arange(1),
        score=None,
    )


@cache
def _planned(data, overrides):
    cfg = compose("train", [f"data={data}", *overrides])
    store = prepared(data)
    split = "test" if "test" in store.splits else "val"
    reads = {field for name, term in cfg.loss.items() if term is not None for field in term_of(name).reads}
    return measured_protocol(cfg, store, split, selection_on_own(cfg, store, split), reads)


@pytest.fixture
def planned_protocol():
    """For a study and a trained row of it: the protocol of its runs, on stores prepared with the defaults.

    Only overrides that a protocol may depend on are composed, so that rows share what they have in common.
    """

    def planned(study, row):
        overrides = [*study.base, *row.overrides]
        relevant = tuple(o for o in overrides if o.lstrip("+").partition("=")[0].partition(".")[0] in KEYS)
        relevant = tuple(o for o in relevant if not o.startswith("loss.") and not o.startswith("backbone.cmp"))
        return _planned(row.prepared or study.prepared or study.data, relevant)

    return planned


@pytest.fixture
def prepared_store():
    """For a data set: as much of its store as says its protocol."""
    return prepared


@pytest.fixture
def rates_of():
    """For a configuration: the learning rate of each epoch, and the optimizer, which is of one weight."""

    def rates(cfg):
        optimizer = instantiate(cfg.optimizer)([torch.nn.Parameter(torch.zeros(1))])
        scheduler = instantiate(cfg.scheduler.scheduler)(optimizer)
        found = []
        for _ in range(cfg.trainer.max_epochs):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found, optimizer

    return rates
