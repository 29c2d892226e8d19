from types import SimpleNamespace

import pytest
import torch

from fercli.batch import Batch
from fercli.losses.center import CenterBank
from fercli.prediction import Prediction


@pytest.fixture
def four():
    """Four samples of three classes in the plane, worked out by hand: m = 4, d = 2, K = 3."""
    x = torch.tensor([[1, 2], [0.5, -1], [2, 0], [-1, 1.5]], dtype=torch.float64)
    return SimpleNamespace(
        x=x,
        y=torch.tensor([0, 1, 2, 0]),
        centers=torch.tensor([[0.5, 1], [0, -0.5], [1.5, 0.5]], dtype=torch.float64),
        weight=torch.tensor([[0.2, -0.1, 0.3], [0.4, 0.1, -0.2]], dtype=torch.float64),
        bias=torch.tensor([0.1, 0, -0.1], dtype=torch.float64),
    )


@pytest.fixture
def bank(four):
    """The three centers as a bank in float64."""
    bank = CenterBank(3, 2).double()
    bank.centers.copy_(four.centers)
    return bank


@pytest.fixture
def step(four):
    """Prediction and batch of the four samples; the feature takes a gradient."""
    feature = four.x.clone().requires_grad_()
    logits = feature @ four.weight + four.bias
    batch = Batch(id=list("abcd"), image=torch.zeros(4, 1, 1, 1, dtype=torch.uint8), expression=four.y)
    return SimpleNamespace(feature=feature, prediction=Prediction(feature, logits), batch=batch)
