"""What holds for all losses on features and centers alike: order, names, places and directions do not matter."""

import pkgutil
from dataclasses import dataclass
from importlib import import_module

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import fercli.losses
from fercli.errors import ConfigError
from fercli.losses.center import CenterLoss, MovesCenters
from fercli.losses.center_local import CenterLocalLoss
from fercli.losses.contrastive import ContrastiveLoss
from fercli.losses.dda import AttentiveDDALoss, DDALoss
from fercli.losses.island import EuclideanIslandLoss, IslandLoss
from fercli.losses.lifted_structure import LiftedStructureLoss
from fercli.losses.locality_preserving import LocalityPreservingLoss
from fercli.losses.regular_face import RegularFaceCenters
from fercli.losses.regularized_center import RegularizedCenterLoss
from fercli.losses.separate import SeparateLoss
from fercli.losses.sparse_center import SparseCenterLoss
from fercli.losses.subclass import LocalSubclassLoss
from fercli.losses.va_center import VACenter, VACenterLocal

WITH_CENTERS = ("feature", "expression", "centers")
ATTENTIVE = ("feature", "expression", "attention", "centers")
ROWS = ("feature", "expression", "attention", "affect")


@dataclass(frozen=True)
class Case:
    loss: nn.Module
    reads: tuple[str, ...]
    per_class: int = 1
    moves: bool = True  # the same loss when features and centers are moved together
    turns: bool = True  # the same loss when they are turned together

    def __call__(self, fields):
        return self.loss(*(fields[name] for name in self.reads))

    def step(self, fields):
        """Of the centers, or None."""
        if isinstance(self.loss, MovesCenters):
            return self.loss.center_step(*(fields[name] for name in self.reads))
        return None


CASES = {
    "center": Case(CenterLoss(), WITH_CENTERS),
    "center_sum": Case(CenterLoss("sum"), WITH_CENTERS),
    "dda": Case(DDALoss(), WITH_CENTERS),
    "sparse_center": Case(SparseCenterLoss(), ATTENTIVE, turns=False),
    "attentive_dda": Case(AttentiveDDALoss(), ATTENTIVE, turns=False),
    "center_local": Case(CenterLocalLoss(), ("feature", "expression")),
    "va_center": Case(VACenter(), ("feature", "expression", "affect", "centers")),
    "va_center_local": Case(VACenterLocal("valence", detach_mean=False), ("feature", "expression", "affect")),
    "island": Case(IslandLoss(), WITH_CENTERS, moves=False),
    "euclidean_island": Case(EuclideanIslandLoss(), WITH_CENTERS),
    "local_subclass": Case(LocalSubclassLoss(), WITH_CENTERS, per_class=3),
    "local_subclass_margin": Case(LocalSubclassLoss(0.5), WITH_CENTERS, per_class=3),
    "contrastive": Case(ContrastiveLoss(), ("feature", "expression")),
    "contrastive_normalized": Case(ContrastiveLoss(normalize=True), ("feature", "expression"), moves=False),
    "separate": Case(SeparateLoss(), WITH_CENTERS, moves=False),
    "regularized_center": Case(RegularizedCenterLoss(), WITH_CENTERS),
    "locality_preserving": Case(LocalityPreservingLoss(2, detach_mean=False), ("feature", "expression")),
    "lifted_structure": Case(LiftedStructureLoss(), ("feature", "expression")),
    "regular_face_centers": Case(RegularFaceCenters(), ("centers",), moves=False),
}
every_loss = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def draw(case, m, d, k, seed, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    centers = (k, d) if case.per_class == 1 else (k, case.per_class, d)
    return {
        "feature": torch.randn(m, d, generator=random, dtype=dtype),
        "expression": torch.randint(k, (m,), generator=random),
        "attention": torch.rand(m, d, generator=random, dtype=dtype),
        "affect": 2 * torch.rand(m, 2, generator=random, dtype=dtype) - 1,
        "centers": torch.randn(centers, generator=random, dtype=dtype),
    }


def assert_same(case, fields, changed, step_of=lambda step: step):
    """The loss of `changed` is that of `fields`, and its step is that of `fields` as `step_of` changes it."""
    torch.testing.assert_close(case(changed), case(fields), rtol=1e-9, atol=1e-10)
    if case.step(fields) is not None:
        torch.testing.assert_close(case.step(changed), step_of(case.step(fields)), rtol=1e-9, atol=1e-10)


@every_loss
@settings(max_examples=20)
@given(m=st.integers(1, 6), d=st.integers(2, 4), k=st.integers(1, 4), seed=st.integers(0, 9999))
def test_properties(case, m, d, k, seed):
    """Batches of one, of one class, and all others."""
    fields = draw(case, m, d, k, seed)
    order, classes = torch.randperm(m), torch.randperm(k)
    assert case(fields).isfinite()
    assert_same(case, fields, fields | {name: fields[name][order] for name in ROWS})

    renamed = torch.argsort(classes)[fields["expression"]]  # class classes[i] is called i
    renamed = fields | {"expression": renamed, "centers": fields["centers"][classes]}
    assert_same(case, fields, renamed, lambda step: step[classes])

    dims = torch.randperm(d)
    permuted = {name: fields[name][..., dims] for name in ("feature", "attention", "centers")}
    assert_same(case, fields, fields | permuted, lambda step: step[..., dims])

    if case.moves:
        shift = torch.randn(d, dtype=torch.float64)
        assert_same(case, fields, fields | {name: fields[name] + shift for name in ("feature", "centers")})
    if case.turns:
        turn = torch.linalg.qr(torch.randn(d, d, dtype=torch.float64)).Q
        turned = {name: fields[name] @ turn for name in ("feature", "centers")}
        assert_same(case, fields, fields | turned, lambda step: step @ turn)


@every_loss
def test_gradient(case):
    fields = draw(case, 6, 3, 3, seed=1)
    inputs = [fields[name].requires_grad_() for name in ("feature", "centers", "attention") if name in case.reads]
    assert torch.autograd.gradcheck(lambda *_: case(fields), inputs)


@every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(case, dtype):
    """Features as a network under autocast gives them, large enough for their squares to overflow in float16."""
    fields = draw(case, 6, 8, 3, seed=2, dtype=torch.float32)
    halves = {"feature": (300 * fields["feature"]).to(dtype), "attention": fields["attention"].to(dtype)}
    fields |= {name: value.requires_grad_() for name, value in halves.items()}
    with torch.autocast("cpu", torch.bfloat16):
        loss = case(fields)
        step = case.step(fields)
    if loss.requires_grad:
        loss.backward()
        assert all(halves[name].grad.isfinite().all() for name in halves if name in case.reads)
    assert loss.dtype == torch.float32
    widened = {name: value.detach().float() if name in halves else value for name, value in fields.items()}
    torch.testing.assert_close(loss, case(widened), rtol=1e-5, atol=1e-6)
    assert step is None or step.isfinite().all()


@every_loss
def test_equal_features_and_centers_are_finite(case):
    """As at a collapse: no distance, no direction, no difference."""
    fields = draw(case, 6, 3, 3, seed=3, dtype=torch.float32)
    for value in (0.0, 1.0):
        same = {name: torch.full_like(fields[name], value) for name in ("feature", "affect", "centers")}
        feature = same["feature"].requires_grad_()
        loss = case(fields | same)
        assert loss.isfinite()
        if loss.requires_grad:
            loss.backward()
            assert feature.grad.isfinite().all()
        step = case.step(fields | same)
        assert step is None or step.isfinite().all()


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.per_class == 1 and "centers" in case.reads])
def test_several_centers_per_class_are_refused(case):
    fields = draw(case, 4, 3, 3, seed=4)
    several = fields | {"centers": fields["centers"][:, None].expand(-1, 2, -1)}
    for function in (case, case.step):
        with pytest.raises(ConfigError, match="one center per class, found 2"):
            function(several)


def test_no_loss_that_moves_centers_is_left_out():
    modules = [import_module(f"fercli.losses.{module.name}") for module in pkgutil.iter_modules(fercli.losses.__path__)]
    classes = {item for module in modules for item in vars(module).values() if isinstance(item, type)}
    moving = {item for item in classes if issubclass(item, nn.Module) and hasattr(item, "center_step")}
    assert len(moving) > 5
    assert moving <= {type(case.loss) for case in CASES.values()}
