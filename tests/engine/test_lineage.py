"""A training that starts from a run has its weights at the first step, and says so everywhere."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from fercli.config import unresolved
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.identity import data_fingerprint
from fercli.engine.training import train
from fercli.errors import ConfigError, RunError
from fercli.runs.folder import RunFolder
from fercli.runs.identity import run_id
from fercli.runs.lineage import children_of, recorded_parent
from tests.stores import describe, reseal


@pytest.fixture(scope="module")
def config_at(digits_config_at, tmp_path_factory):
    return digits_config_at(tmp_path_factory.mktemp("lineage"))


@pytest.fixture(scope="module")
def parent(config_at):
    cfg = config_at("trainer.max_epochs=1")
    return train(cfg, ["trainer.max_epochs=1"])


def identity(cfg):
    return run_id(unresolved(cfg), data_fingerprint(cfg, Store(cfg.store)))


def started(cfg):
    method, _ = build_method(cfg, build_data(cfg, Store(cfg.store)))
    return method.state_dict()


def test_all_weights_start_from_the_run(config_at, parent):
    weights = torch.load(parent.weights, weights_only=True)["state_dict"]
    state = started(config_at(f"init={parent.path}"))
    assert state.keys() == weights.keys()
    assert all(torch.equal(state[name], weights[name]) for name in state)


def test_what_does_not_match_keeps_its_start_and_is_said(config_at, parent):
    with pytest.warns(UserWarning, match=r"init: \d+ of \d+ tensors start from .*; not used: objective"):
        state = started(config_at(f"init={parent.path}", "loss.dda=null", "loss.center=null", "center_bank=none"))
    weights = torch.load(parent.weights, weights_only=True)["state_dict"]
    assert all(torch.equal(value, weights[name]) for name, value in state.items() if name.startswith("backbone."))


def test_an_output_never_stands_for_another_class(config_at, parent, tmp_path):
    cfg = config_at(f"init={parent.path}")
    other = Path(shutil.copytree(cfg.store, tmp_path / "other"))
    classes = json.loads((other / "dataset.json").read_text())["classes"]
    describe(other, classes=classes[1:] + classes[:1])
    cfg.store = str(other)
    with pytest.warns(UserWarning, match="left at their random start: head"):
        state = started(cfg)
    weights = torch.load(parent.weights, weights_only=True)["state_dict"]
    assert not torch.equal(state["head.weight"], weights["head.weight"])


def test_another_network_is_refused(config_at, parent):
    with pytest.raises(ConfigError, match="has another backbone: 0 of"):
        started(config_at(f"init={parent.path}", "backbone=timm", "backbone.name=test_resnet"))


def test_the_id_is_that_of_the_weights_not_of_the_path(config_at, parent, tmp_path):
    plain = identity(config_at())
    moved = tmp_path / parent.path.parent.name / "seed5"
    shutil.copytree(parent.path, moved)
    ids = {identity(config_at(f"init={path}")) for path in (parent.path, moved)}
    assert len(ids) == 1
    assert plain not in ids
    cfg = config_at("trainer.max_epochs=1")
    assert RunFolder.of(cfg.runs, unresolved(cfg), data_fingerprint(cfg, Store(cfg.store))).path == parent.path


def test_a_run_and_its_weights_are_one_start_of_a_backbone():
    from fercli.config import compose

    paths = ("runs/a_b/seed0", "runs/a_b/seed0/", "runs/a_b/seed0/weights.ckpt", "runs/a_b/other.ckpt")
    ids = [run_id(unresolved(compose("train", [f"backbone.weights={path}"])), "f") for path in paths]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_the_child_records_its_parent(config_at, parent):
    child = train(config_at(f"init={parent.path}", "trainer.max_epochs=1"), [])
    recorded = recorded_parent(child)
    assert (recorded.run, recorded.not_matched) == (str(parent.path), ())
    protocol = child.read_metrics()["protocol"]
    assert protocol["pretraining"] == f"run {parent.run_id}, seed 0"
    assert list(children_of(parent)) == [child.path]


def test_a_parent_that_cannot_be_used(config_at, parent, tmp_path):
    broken = RunFolder(Path(shutil.copytree(parent.path, tmp_path / "a_b" / "seed0")))
    broken.weights.write_bytes(b"x")
    with pytest.raises(RunError, match="damaged or was changed by hand"):
        started(config_at(f"init={broken.path}"))
    reseal(broken.path)
    with pytest.raises(RunError, match=r"weights.ckpt is damaged"):
        started(config_at(f"init={broken.path}"))
    broken.metrics.unlink()
    with pytest.raises(RunError, match="is not finished"):
        identity(config_at(f"init={broken.path}"))
    with pytest.raises(RunError, match="expected a run folder"):
        identity(config_at("init=nowhere"))
