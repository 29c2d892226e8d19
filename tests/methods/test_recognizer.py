import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.errors import ConfigError, DataError
from fercli.heads.linear import LinearHead
from fercli.losses.objective import Objective, Term
from fercli.methods.recognizer import Recognizer
from fercli.prediction import Features


class Normalized(nn.Module):
    """The mean colors, normalized over the batch, times a weight; some are dropped."""

    dim = 3

    def __init__(self):
        super().__init__()
        self.norm, self.drop, self.weight = nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Parameter(torch.ones(3))

    def forward(self, image):
        return Features(self.weight * self.drop(self.norm(image.mean((2, 3)))))


def recognizer(**options):
    torch.manual_seed(0)
    term = Term(nn.CrossEntropyLoss(), ["logits", "expression"])
    shared = {"objective": Objective({"loss": term}), "augment": None, "metrics": {}, "optimizer": torch.optim.Adam}
    return Recognizer(Normalized(), LinearHead(3, 2), **options, **shared)


@pytest.fixture
def batch():
    image, context = torch.rand(2, 4, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    return Batch(id=list("abcd"), image=image, context=context, expression=torch.tensor([0, 1, 0, 1]))


def trained(method, batch):
    """The names of what some steps change."""
    before = {name: value.clone() for name, value in method.state_dict().items()}
    optimizer = method.configure_optimizers()
    for _ in range(3):
        optimizer.zero_grad()
        method.objective(method.train()(batch), batch)[0].backward()
        optimizer.step()
    return {name for name, value in method.state_dict().items() if not torch.equal(value, before[name])}


def test_of_a_frozen_backbone_nothing_changes_and_nothing_is_dropped(batch):
    assert trained(recognizer(frozen=True), batch) == {"head.weight", "head.bias"}
    assert {"backbone.weight", "backbone.norm.running_mean"} <= trained(recognizer(), batch)
    frozen = recognizer(frozen=True).train()
    assert torch.equal(frozen(batch).feature, frozen(batch).feature)
    assert frozen.head.training
    assert not frozen.backbone.training


@pytest.mark.parametrize(("stream", "seen"), [("face", "image"), ("context", "context")])
def test_what_is_seen(batch, stream, seen):
    method = recognizer(stream=stream).eval()
    expected = method.backbone(getattr(batch, seen)).vector
    assert torch.equal(method(batch).feature, expected)


def test_what_is_missing_is_said(batch):
    batch.context = None
    with pytest.raises(DataError, match=r"the whole image around each face, found none; set inputs.context=true"):
        recognizer(stream="context")(batch)
    with pytest.raises(ConfigError, match=r"no method.stream named 'contxt'.*did you mean 'context'"):
        recognizer(stream="contxt")
