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
        attention=torch.tensor([[1, 0.5], [0.25, 0.75], [0.1, 0.9], [0.6, 0.3]], dtype=torch.float64),
    )


@pytest.fixture
def three():
    """Three samples of two classes in the plane, with valence and arousal: m = 3, d = 2, K = 2."""
    return SimpleNamespace(
        x=torch.tensor([[1, 2], [3, 4], [-1, 0]], dtype=torch.float64, requires_grad=True),
        y=torch.tensor([0, 0, 1]),
        centers=torch.tensor([[0, 0], [1, 1]], dtype=torch.float64),
        subcenters=torch.tensor([[[0, 0], [2, 2]], [[5, 5], [-1, 0]]], dtype=torch.float64),
        affect=torch.tensor([[0.8, 0.2], [0.4, 0.6], [-0.6, 0.1]], dtype=torch.float64),
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
