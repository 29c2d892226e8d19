"""Every choice of `fercli train`, also one that is added tomorrow, composes and builds what trains."""

import re
from unittest import mock

import numpy as np
import pytest
import torch
import yaml

from fercli.catalog import CONF, choices, describe, groups
from fercli.config import compose
from fercli.engine.training import build_trainer
from fercli.records import GROUPS
from fercli.runs.folder import RunFolder
from tests.device import HERE, real_waits, require_no_waits
from tests.small_networks import OWN_BACKBONE, SMALL, SMALL_ATTENTION, SMALL_METHODS, built
from tests.terms import term_of

OF_TRAIN = [(group, name) for group in groups("train") for name in choices(group)]
NUM_ROWS = 4
TESTED_ABOVE = ("method", "loss", "backbone", "experiment", "head", "metrics", "folds")  # folds: test_folds.py
CLIP_BACKBONES = ("c3d", "r3d18", "r2plus1d18", "i3d", "frames_resnet18", "frames_resnet50", "caer_encoder_3d")


def override(group, name):
    return f"{group}=[{name}]" if group in ("loss", "metrics") else f"{group}={name}"


def one_step(cfg, every_weight=True, new_code=True, new_views=True):
    """Train for one step, on a GPU if one is here; the names of what changed.

    Without `every_weight`, some weights may be of no use to the loss. Without `new_code`, a step computes what those of
    other choices compute, of which it is known that they do not wait for a GPU. Without `new_views`, this is known of
    what turns the stored images into those that the network sees: a third of the operations of a step.
    """
    data, method = built(cfg)
    rows = data.split.train[:NUM_ROWS]
    (batch,) = data.rows_dataloader(rows)
    configured = method.configure_optimizers()
    optimizer = configured["optimizer"] if isinstance(configured, dict) else configured
    if new_code and new_views:
        require_no_waits(method, batch)
    elif new_code:
        seen = method.train().augmented(batch)
        with mock.patch.object(method, "augment", torch.nn.Identity()):
            require_no_waits(method, seen)
    method.to(HERE).train()
    state = {name: value.clone() for name, value in method.state_dict().items()}
    with real_waits() as waits:
        batch = method.augmented(batch.to(HERE))
        total, terms = method.objective(method(batch), batch)
        total.backward()
        optimizer.step()
        method.objective.step_centers()
    assert waits == set()
    assert torch.isfinite(total)
    assert list(terms) == [name for name, term in cfg.loss.items() if term is not None]
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in method.parameters())
    assert not every_weight or all(p.grad is not None for p in method.parameters())
    return {name for name, value in method.state_dict().items() if not torch.equal(value, state[name])}


@pytest.mark.parametrize("name", choices("method"))
def test_every_method_does_one_step(composed, name):
    backbone = None if name in OWN_BACKBONE else "lenets"
    cfg = composed(f"method={name}", *SMALL_METHODS.get(name, []), backbone=backbone)
    changed = one_step(cfg)
    assert any(key.startswith("head.") for key in changed)
    assert any(key.startswith("backbone.") for key in changed)
    assert ("objective.centers.centers" in changed) == (cfg.center_bank is not None)


def head_for(name):
    """Overrides that give a loss what it reads: a head, centers, and what its comment says, as `use head=angular`."""
    reads = term_of(name).reads
    heads = {"predicted_affect": "multitask_affect", "sector_logits": "multitask_sectors", "mask_logits": "mask"}
    heads |= {"predicted_score": "score", "score_logits": "label_distribution"}
    chosen = [f"head={heads[field]}" for field in reads if field in heads]
    chosen += ["head=attentive", SMALL_ATTENTION] if "attention" in reads else []
    chosen += ["head.num_sectors=1"] if name.startswith("half") else []
    chosen += ["head=depression_bins"] if name == "distributed_bins" else []
    bank = "none" if "score" in reads else "he"
    return [*chosen, f"center_bank={bank}", *re.findall(r"\buse (\w+=\w+)", describe("loss")[name])]


@pytest.mark.parametrize("name", choices("loss"))
def test_every_loss_trains_beside_cross_entropy(composed, name):
    """Scores have no classes beside them: there, it trains alone."""
    reads = term_of(name).reads
    losses = [name] if "score" in reads else list(dict.fromkeys(["cross_entropy", name]))
    cfg = composed(*head_for(name), f"loss=[{','.join(losses)}]")
    assert list(cfg.loss) == losses
    changed = one_step(cfg, every_weight="score" not in reads, new_views="mask" in reads)
    assert any(key.startswith(("head.", "backbone.")) for key in changed)


@pytest.mark.parametrize("name", choices("backbone"))
def test_every_backbone_trains(composed, name):
    length = 16 if name in ("c3d", "i3d") else 8
    clip = [f"inputs.clip={{length: {length}, stride: {length}}}", "head=score", "loss=[score_mse]"]
    narrow = ["backbone.width=2", "backbone.dim=8"] if name == "c3d" else []
    size = 64 if name == "alexnet" else 32
    cfg = composed(f"augment.size={size}", *(clip if name in CLIP_BACKBONES else []), *narrow, backbone=name)
    changed = one_step(cfg, new_views=False)
    assert any(key.startswith("head.") for key in changed)
    assert any(key.startswith("backbone.") for key in changed)


NO_CLASSES = ("regression", "score", "label_distribution", "depression_bins", "dlga", "embedding")


@pytest.mark.parametrize("name", [name for name in choices("head") if name not in NO_CLASSES])
def test_every_head_classifies(composed, name):
    """Beside cross-entropy alone; whatever else a head predicts is of no use to that."""
    changed = one_step(
        composed(f"head={name}", *([SMALL_ATTENTION] if "attentive" in name else [])),
        every_weight=False,
        new_views=False,
    )
    assert any(key.startswith("head.") for key in changed)


NEED_FILES = (("passer", "mean"), ("noise", "file"), ("noise", "confusion"))
BEFORE_A_STEP = ("data", "sampler", "noise", "selection", "trainer", "logger", "budget")
AFTER_VIEWS = ("center_bank", "optimizer", "scheduler")


@pytest.mark.parametrize(
    ("group", "name"),
    [(group, name) for group, name in OF_TRAIN if group not in TESTED_ABOVE and (group, name) not in NEED_FILES],
)
def test_every_other_choice_of_train_trains(composed, group, name):
    """A balanced sampler of scores has no classes beside them."""
    scores = ["head=score", "loss=[score_mse]", "trainer.batch_size=8"] if name == "label_balanced" else []
    changed = one_step(
        composed(override(group, name), *scores),
        new_code=group not in BEFORE_A_STEP,
        new_views=group not in AFTER_VIEWS,
    )
    assert any(key.startswith("head.") for key in changed)


@pytest.mark.parametrize("name", choices("metrics"))
def test_every_metric_is_computed_from_what_methods_predict(composed, name):
    _, method = built(composed("method=emotion_gcn", f"metrics=[expression,{name}]"))
    rng = np.random.default_rng(0)
    affect = ("valence", "arousal", "predicted_valence", "predicted_arousal")
    scores = ("score", "predicted_score", "regressed_score", "binned_score")
    columns = {column: rng.uniform(-1, 1, 40) for column in affect} | {"feature": rng.normal(size=(40, 3))}
    columns |= {column: rng.integers(0, 64, 40).astype(float) for column in scores}
    columns |= {"id": np.arange(40).astype(str)} | {f"by {name}": np.array(["a", "b"] * 20) for name in GROUPS}
    columns |= {"session": np.arange(40), "score_probabilities": rng.dirichlet(np.ones(64), 40)}
    columns |= {"video": np.array([f"{i}_{task}" for i in range(20) for task in ("Freeform", "Northwind")])}
    columns |= {"seconds": rng.uniform(0.1, 0.2, 40)}
    columns |= {"expression": np.arange(40) % 8, "probabilities": rng.dirichlet(np.ones(8), 40)}
    values = {key: metric(columns) for key, metric in method.metrics.items()}
    assert set(yaml.safe_load((CONF / f"metrics/{name}.yaml").read_text())) <= set(values)
    assert all(np.isfinite(value) for value in values.values())


RETRIEVAL = ("cub", "cars", "online_products", "in_shop")
OF_SCORES = (
    "dlga_cnn/avec2013",
    "dlga_cnn/avec2014",
    "dj_ldml/avec2013",
    "dj_ldml/avec2014",
    "crossmodal_gcn/avec2014",
    "severity/frames",
    "severity/clips",
)


@pytest.mark.parametrize("name", [name for name in choices("experiment") if name not in OF_SCORES])
def test_every_experiment_trains_on_other_data(composed, name):
    few = ["trainer.batch_size=40"] if name.rpartition("/")[2] in RETRIEVAL else []  # of 8 classes
    cfg = composed(f"experiment={name}", "method=dda", "augment.size=32", *few, backbone=None)
    assert "head.weight" in one_step(cfg, new_code=False)


@pytest.mark.parametrize("name", OF_SCORES)
def test_every_experiment_of_scores_trains_on_other_data(composed, name):
    batches = ["trainer.batch_size=4", "sampler.num_samples=2"] if "crossmodal" in name else []
    small = (
        SMALL["dlga"]
        if "dlga" in name
        else SMALL_METHODS["dj_ldml"]
        if "ldml" in name
        else ["augment.size=32", "trainer.batch_size=4"]
        if name == "severity/clips"
        else ["augment.size=32", *batches]
    )
    changed = one_step(composed(f"experiment={name}", *small, backbone=None), new_code=False)
    assert any(key.startswith("head.") for key in changed)
    assert any(key.startswith("backbone.") for key in changed)


@pytest.mark.parametrize(
    ("group", "name"), [choice for choice in OF_TRAIN if choice[0] in ("trainer", "logger", "budget")]
)
def test_every_trainer_is_built(composed, tmp_path, group, name):
    cfg = composed(override(group, name))
    trainer = build_trainer(cfg, RunFolder(tmp_path), [])
    assert trainer.max_epochs == cfg.trainer.max_epochs
    assert trainer.default_root_dir == str(tmp_path)


@pytest.mark.parametrize("name", choices("selection"))
def test_every_selection_monitors_a_metric_that_is_computed(composed, name):
    cfg = composed(f"selection={name}")
    assert cfg.selection.monitor in cfg.metrics


def test_a_part_of_the_network_gets_a_rate_of_its_own(composed):
    cfg = composed("method=dacl", SMALL_ATTENTION, "rates={head.attention: 0.5}", "optimizer.lr=0.2")
    _, method = built(cfg)
    groups = method.configure_optimizers()["optimizer"].param_groups
    assert [group["max_lr"] for group in groups] == [0.2, 0.1]


def test_dda_has_the_same_meaning_with_and_without_attention():
    cfg = compose("train", ["method=dacl", "loss=[dda,attentive_dda]", "center_bank=he", "loss.dda.weight=3"])
    cfg.loss.attentive_dda.weight = 3
    plain, attentive = cfg.loss.dda.loss, cfg.loss.attentive_dda.loss
    assert (plain.reduction, plain.center_scale) == (attentive.reduction, attentive.center_scale)
