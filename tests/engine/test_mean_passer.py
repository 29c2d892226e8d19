"""The mean passer on digits: both models are LeNets++, so that every parameter but the heads is shared."""

import json
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch import nn

from fercli.config import compose
from fercli.datasets.datamodule import FaceData
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.mean_passer import MeanPasser, build_passer, shared_parameters
from fercli.engine.sizes import Sizes
from fercli.engine.training import train
from fercli.errors import ConfigError, RunError

pytestmark = pytest.mark.usefixtures("keep_checkpoints")
EMOTION = ["backbone=lenets", "method=center", "trainer.batch_size=18", "trainer.accelerator=cpu", "optimizer.lr=0.002"]
EMOTION += ["num_train_rows=90", "augment.size=8"]
# Of the model that takes over the weights.
SIZES = Sizes(num_classes=10, dim=2, map=None, mean=None, std=None, num_levels=64, num_steps=40, steps_per_epoch=20)


def emotion(*changes):
    """The override that says what the emotion model is."""
    return f"passer.emotion=[{','.join(repr(override) for override in (*EMOTION, *changes))}]"


@pytest.fixture
def config(digits_config, digits):
    """Overrides to the configuration of a short training on digits with a mean passer."""

    def compose_it(*overrides):
        passer = ["passer=mean", emotion(), "passer.data=mnist", f"passer.store={digits}"]
        return digits_config(*passer, *overrides)

    return compose_it


@pytest.fixture
def passer(config):
    return build_passer(config(), SIZES)


class Toy(nn.Module):
    """A shared weight, a head, a loss with weights, a running mean, and a layer of its own shape."""

    def __init__(self, value, width=2):
        super().__init__()
        self.backbone = nn.BatchNorm1d(3)
        self.head = nn.Linear(3, 3)
        self.objective = nn.Linear(3, 3)
        self.other = nn.Linear(width, 1)
        for parameter in self.parameters():
            nn.init.constant_(parameter, value)
        self.backbone.running_mean.fill_(value)


def test_the_share_that_a_model_keeps(passer):
    """A29."""
    found = [passer.alpha(i) for i in (0, 1, 2, 3, 9, 98, 99, 500)]
    np.testing.assert_allclose(found, [0, 0.5, 2 / 3, 0.75, 0.9, 98 / 99, 0.99, 0.99], rtol=1e-12)


def test_without_gradients_the_running_mean_of_the_other_is_reached(passer):
    """A30."""
    model, found = Toy(-7.0), []
    for value in (1.0, 2.0, 4.0, 8.0):
        passer.emotion = Toy(value)
        passer.pass_weights(model)
        found.append(model.backbone.weight[0].item())
    np.testing.assert_allclose(found, [1, 1.5, 7 / 3, 3.75], rtol=1e-6)


def test_a_constant_share_closes_the_distance_geometrically(passer):
    """A31."""
    model, passer.emotion = Toy(3.0).double(), Toy(1.0).double()
    passer.alpha_min = passer.alpha_max = 0.9
    for _ in range(10):
        passer.pass_weights(model)
    np.testing.assert_allclose(model.backbone.weight[0].item(), 1.697356880200, rtol=1e-12)


def test_a_share_of_one_changes_no_bit(passer):
    """A31. Not even the sign of a zero."""
    model, passer.emotion = Toy(-0.0), Toy(5.0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    passer.alpha_min = passer.alpha_max = 1.0
    passer.pass_weights(model)
    for name, value in model.state_dict().items():
        assert value.numpy().tobytes() == before[name].numpy().tobytes(), name
    assert passer.num_passes == 1


def test_a_share_of_zero_copies(passer):
    """A31."""
    model, passer.emotion = Toy(3.0), Toy(5.0)
    passer.alpha_max = 0.0
    for _ in range(3):
        passer.pass_weights(model)
    assert torch.equal(model.backbone.weight, passer.emotion.backbone.weight)


def test_without_passes_a_training_is_as_if_it_were_alone(config, digits_config, tmp_path):
    shares = ["passer.alpha_min=1", "passer.alpha_max=1"]
    found = weights(train(config("trainer.max_epochs=1", *shares), []))["state_dict"]
    expected = weights(train(digits_config("trainer.max_epochs=1", f"runs={tmp_path}/alone"), []))["state_dict"]
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def test_heads_losses_statistics_and_other_shapes_stay(passer):
    """A31."""
    model, passer.emotion = Toy(3.0), Toy(1.0, width=4)
    passer.pass_weights(model)
    assert (model.backbone.weight == 1).all()
    assert (model.other.bias == 1).all()
    untouched = [model.head.weight, model.objective.weight, model.other.weight, model.backbone.running_mean]
    assert all((value == 3).all() for value in untouched)
    assert all((parameter == 1).all() for parameter in passer.emotion.parameters())


def weights(run):
    return torch.load(run.last, weights_only=True)


@pytest.mark.parametrize("unit", ["epoch", "batch"])
def test_the_other_model_is_trained_as_if_it_were_alone(config, digits, unit, tmp_path):
    run = train(config("trainer.max_epochs=2", f"passer.unit={unit}"), [])
    found = weights(run)["callbacks"]["MeanPasser"]
    alone = compose("train", [*EMOTION, "data=mnist", f"store={digits}", f"runs={tmp_path}/alone"])
    alone.trainer.max_epochs = 2
    alone.logger = None
    expected = weights(train(alone, []))["state_dict"]
    if unit == "batch":  # six batches of 15 against five of 18 in an epoch
        assert found["num_batches"] == found["num_passes"] == 12
        return
    assert (found["num_batches"], found["num_passes"]) == (10, 2)
    assert set(found["emotion"]) == set(expected)
    for name, value in expected.items():
        assert torch.equal(found["emotion"][name], value), name


def test_the_last_pass_leaves_its_trace_and_both_models_are_evaluated(config):
    run = train(config("trainer.max_epochs=1", "optimizer.lr=1e-12"), [])
    state = weights(run)
    for name, value in state["callbacks"]["MeanPasser"]["emotion"].items():
        if name.startswith("backbone.") and "running" not in name and "num_batches" not in name:
            torch.testing.assert_close(state["state_dict"][name], value, rtol=0, atol=1e-6)
    evaluated = json.loads(run.metrics.read_text())["emotion"]
    assert evaluated["data"] == "mnist"
    accuracy = evaluated["metrics"]["accuracy"]
    assert 0 < accuracy["low"] <= accuracy["value"] <= accuracy["high"] < 1


class CrashError(Exception):
    """What stops a training here."""


def test_a_stopped_training_ends_where_it_would_have_ended(config, tmp_path, monkeypatch):
    expected = weights(train(config(f"runs={tmp_path}/whole"), []))["state_dict"]
    passed = MeanPasser.pass_weights

    def crash(self, module):
        if self.num_passes == 1:
            raise CrashError
        passed(self, module)

    monkeypatch.setattr(MeanPasser, "pass_weights", crash)
    with pytest.raises(CrashError):
        train(config(), [])
    monkeypatch.setattr(MeanPasser, "pass_weights", passed)
    found = weights(train(config(), []))["state_dict"]
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def test_a_diverging_emotion_model_is_named(config):
    with pytest.raises(RunError, match="the loss of the emotion model is not finite"):
        train(config(emotion("optimizer.lr=1e30")), [])


def test_a_diverged_emotion_model_is_not_saved(passer):
    assert passer.state_dict()["num_batches"] == 0
    passer.finite_losses.see(torch.tensor(float("nan")).isfinite())
    with pytest.raises(RunError, match="the loss of the emotion model is not finite"):
        passer.state_dict()


def test_gradients_that_must_be_scaled_are_refused(config, passer):
    cfg = config()
    trainer = Mock(precision="16-mixed")
    with pytest.raises(ConfigError, match=r"as trainer\.precision=16-mixed needs; take bf16-mixed"):
        passer.on_train_start(trainer, build_method(cfg, build_data(cfg, Store(cfg.store)))[0])


def test_the_other_model_has_one_loader_however_often_it_is_trained(config, monkeypatch):
    made, loader = [], FaceData.loader
    monkeypatch.setattr(FaceData, "loader", lambda data, *rest: made.append(data) or loader(data, *rest))
    train(config("trainer.max_epochs=2", "passer.unit=batch", "selection=last"), [])
    # of the training, of the other model, and one to evaluate each of the two
    assert len(made) == 4


def test_both_models_are_one_network_trained_alike(recordings, faces, tmp_path):
    """Also where an option of the fusion or of the graph is changed."""
    cfg = compose(
        "train",
        [
            *("experiment=crossmodal_gcn/avec2014", "data=synthetic_depression", f"store={recordings}"),
            *("passer.data=synthetic", f"passer.store={faces}", "augment.size=32", "trainer.num_workers=2"),
            *("method.fusion.mode=own", "method.fusion.variant=face", "method.fusion.max_entries=1024"),
            *("graph_sampling=topk", "graph_sampling.k=3", "trainer.global_batch=false", "sampler.num_samples=2"),
            "trainer.batch_size=8",
        ],
    )
    method, sizes = build_method(cfg, build_data(cfg, Store(cfg.store)))
    passer = build_passer(cfg, sizes)
    for fusion in (method.fusion, passer.emotion.fusion):
        assert (fusion.mode, fusion.streams, fusion.max_entries) == ("own", ("face",), 1024)
        assert fusion.sampling.k == 3
    assert passer.data.num_workers == 2
    assert passer.emotion.objective.global_batch is False
    names = {name for name, _ in method.named_parameters()}
    assert len(shared_parameters(method, passer.emotion)) == sum(not name.startswith("head.") for name in names)


def test_own_yaml_files_reach_the_other_model(config, tmp_path):
    (tmp_path / "own" / "method").mkdir(parents=True)
    content = "# @package _global_\ndefaults:\n  - center\n\nloss:\n  center:\n    weight: 7\n"
    (tmp_path / "own" / "method" / "heavy.yaml").write_text(content)
    cfg = config(emotion("method=heavy"))
    with pytest.raises(ConfigError, match="no method named 'heavy'"):
        train(cfg, [])
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MeanPasser, "on_train_start", lambda passer, *rest: seen.append(passer) or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(cfg, [], config_dirs=[tmp_path / "own"])
    assert seen[0].emotion.objective.terms["center"].weight == 7


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("passer.unit=step", "no passer.unit named 'step'"),
        ("passer.alpha_max=1.5", "expected 0 <= passer.alpha_min <= passer.alpha_max <= 1, found 0.0 and 1.5"),
        ("passer.alpha_min=0.995", "passer.alpha_min <= passer.alpha_max <= 1, found 0.995 and 0.99"),
        ("passer.store=null", "no value for passer.store"),
    ],
)
def test_wrong_options_are_refused(config, override, message):
    with pytest.raises(ConfigError, match=message):
        build_passer(config(override), SIZES)


def test_models_without_a_common_parameter_are_refused(config):
    cfg = config(emotion("backbone=timm", "backbone.name=test_resnet"), "passer.hand_over=[]")
    with pytest.raises(ConfigError, match="shares no parameter with this one"):
        train(cfg, [])


def test_the_run_knows_both_data_sets_but_not_where_they_lie(config, digits, tmp_path):
    from fercli.config import unresolved
    from fercli.engine.identity import data_fingerprint
    from fercli.runs.identity import run_id

    cfg, moved = config(), config()
    (tmp_path / "moved").symlink_to(digits)
    moved.passer.store = str(tmp_path / "moved")
    store = Store(cfg.store)
    ids = [run_id(unresolved(c), data_fingerprint(c, store)) for c in (cfg, moved)]
    assert ids[0] == ids[1]
    assert data_fingerprint(cfg, store) == f"{store.fingerprint}+{store.fingerprint}"
    other = config("passer.alpha_max=0.5")
    assert run_id(unresolved(other), data_fingerprint(other, store)) != ids[0]


def test_only_what_is_named_alike_is_shared(config):
    cfg = config()
    method, sizes = build_method(cfg, build_data(cfg, Store(cfg.store)))
    names = {id(p): name for name, p in method.named_parameters()}
    found = {names[id(own)] for own, _ in shared_parameters(method, build_passer(cfg, sizes).emotion)}
    assert found == {name for name in names.values() if name.startswith("backbone.")}
