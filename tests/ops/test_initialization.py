import pytest
import torch
from torch import nn

from fercli.ops.initialization import he_normal_


def test_weights_have_variance_two_over_fan_in_and_biases_are_zero():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(16, 64, 3), nn.Linear(400, 100), nn.BatchNorm2d(3), nn.Linear(4, 4, bias=False))
    he_normal_(network)
    assert network[0].weight.var().item() == pytest.approx(2 / (16 * 9), rel=0.05)
    assert network[1].weight.var().item() == pytest.approx(2 / 400, rel=0.05)
    assert not network[0].bias.any()
    assert not network[1].bias.any()
    assert network[2].weight.eq(1).all()
