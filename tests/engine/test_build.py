"""What a configuration is built into: losses and centers are as wide as the feature that the network gives out."""

import pytest
import torch

from fercli.config import plain, unresolved
from fercli.datasets.channels import channel_statistics
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method, rebuild_method
from fercli.runs.identity import run_id
from fercli.scales import BDI_II

CMGCN = ["method=cmgcn_emotion", "augment.size=32", "augment.shift=0"]
EMBEDDING = ["method=retrieval", "backbone=lenets", "augment.size=28", "head.embedding_dim=6", "sampler=shuffle"]


def trained_a_step(cfg):
    """The method after a step, and the names of what moved of the objective."""
    data = build_data(cfg, Store(cfg.store))
    method, _ = build_method(cfg, data)
    method.train()
    (batch,) = data.rows_dataloader(data.split.train[:16])
    configured = method.configure_optimizers()
    before = {name: value.clone() for name, value in method.objective.state_dict().items()}
    batch = method.augmented(batch)
    prediction = method(batch)
    assert prediction.feature.shape[1] == method.feature_dim == cfg.sizes.feature_dim
    total, _ = method.objective(prediction, batch)
    total.backward()
    configured["optimizer"].step()
    method.objective.step_centers()
    return method, {n for n, value in method.objective.state_dict().items() if not torch.equal(value, before[n])}


@pytest.mark.parametrize(
    ("overrides", "width"),
    [
        (CMGCN, 512),
        ([*CMGCN, "method.fusion.variant=face"], 256),
        (["method=caer_net_s", *CMGCN[1:]], 512),
        (EMBEDDING, 6),
    ],
)
def test_proxies_and_centers_are_as_wide_as_the_feature_that_they_are_held_against(config, overrides, width):
    losses = (
        ["soft_triple", "center"] if "method=retrieval" in overrides else ["cross_entropy", "soft_triple", "center"]
    )
    method, moved = trained_a_step(config(*overrides, f"loss=[{','.join(losses)}]", "center_bank=he"))
    assert moved == {"centers.centers", "losses.soft_triple.fc"}
    assert method.objective.centers.centers.shape == (8, width)
    assert method.objective.losses["soft_triple"].fc.shape == (width, 80)


def test_a_saved_configuration_is_built_into_the_same_shapes(config):
    cfg = config(*CMGCN, "loss=[cross_entropy,arc_face,center]", "center_bank=he")
    method, _ = build_method(cfg, build_data(cfg, Store(cfg.store)))
    saved = type(cfg)(plain(cfg))
    rebuilt = rebuild_method(saved, ["a", "b"], BDI_II).state_dict()
    assert {n: v.shape for n, v in rebuilt.items()} == {n: v.shape for n, v in method.state_dict().items()}


@pytest.mark.parametrize(
    ("overrides", "with_mask"),
    [
        (["loss=[cross_entropy,mask]"], True),
        (["loss=[cross_entropy]"], False),
        (["loss=[cross_entropy,mask]", "loss.mask.weight=0"], False),
    ],
)
def test_batches_carry_the_mask_if_a_loss_reads_it(config, overrides, with_mask):
    cfg = config("backbone=timm", "backbone.name=test_resnet", "head=mask", *overrides)
    data = build_data(cfg, Store(cfg.store))
    build_method(cfg, data)
    (batch,) = data.rows_dataloader(data.split.train[:4])
    assert (batch.mask is not None) == with_mask


def test_methods_that_differ_in_their_losses_start_from_the_same_network(config):
    states = []
    for loss in ("cross_entropy", "soft_triple"):
        cfg = config(*CMGCN, f"loss=[cross_entropy,{loss}]")
        method, _ = build_method(cfg, build_data(cfg, Store(cfg.store)))
        states.append(method.state_dict())
    network = [name for name in states[0] if not name.startswith("objective.")]
    assert all(torch.equal(states[0][name], states[1][name]) for name in network)


@pytest.mark.parametrize("freeze", [None, "statistics", "all"])
def test_batch_norm_of_the_backbone_is_frozen(config, freeze):
    """Through validation and back: a step leaves its statistics, and with `all` its factors and offsets as well."""
    small = ["method=retrieval", "backbone=resnet18", "augment.size=32", "head.embedding_dim=6", "sampler=shuffle"]
    cfg = config(*small, f"trainer.freeze_norm={freeze or 'null'}", "augment.shift=0", "optimizer.lr=0.1")
    data = build_data(cfg, Store(cfg.store))
    method, _ = build_method(cfg, data)
    before = {name: value.clone() for name, value in method.state_dict().items()}
    optimizer = method.configure_optimizers()["optimizer"]
    (batch,) = data.rows_dataloader(data.split.train[:16])
    for _ in range(2):  # the second step after a validation
        batch_now = method.augmented(batch)
        method.objective(method(batch_now), batch_now)[0].backward()
        optimizer.step()
        method.eval()
        method.train()
    moved = {name for name, value in method.state_dict().items() if not torch.equal(value, before[name])}
    norms = [name for name, module in method.named_modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(norms) == 20
    assert all(name.startswith("backbone.") for name in norms)
    assert {f"{n}.running_mean" in moved or f"{n}.running_var" in moved for n in norms} == {freeze is None}
    assert any(f"{n}.weight" in moved for n in norms) == (freeze != "all")
    assert any(f"{n}.bias" in moved for n in norms) == (freeze != "all")
    assert "head.weight" in moved
    assert any(name.endswith("conv1.weight") for name in moved)


def test_a_network_may_be_normalized_by_its_training_images(config):
    cfg = config("method=softmax", "backbone=lenets", "augment.size=28", "augment.shift=0")
    cfg.augment.mean, cfg.augment.std = "${sizes.mean}", "${sizes.std}"
    identity = run_id(unresolved(cfg), "")
    store = Store(cfg.store)
    method, _ = build_method(cfg, build_data(cfg, store))
    assert (method.augment.mean, method.augment.std) == channel_statistics(store, store.rows("train"))
    assert (
        rebuild_method(type(cfg)(plain(cfg)), store.classes, BDI_II).augment.mean == method.augment.mean
    )  # without the store
    assert run_id(unresolved(cfg), "") == identity  # as it was planned
