import numpy as np
import pytest
import torch

from fercli.errors import ConfigError
from fercli.heads.hidden import HiddenHead
from fercli.prediction import Features


def test_two_layers_with_relu_between():
    head = HiddenHead(5, 3, hidden=4).double().eval()
    feature = torch.rand(6, 5, dtype=torch.float64)
    first, _, _, last = head.layers
    w1, b1, w2, b2 = (p.detach().numpy() for p in (first.weight, first.bias, last.weight, last.bias))
    expected = [w2 @ np.maximum(w1 @ row + b1, 0) + b2 for row in feature.numpy()]
    np.testing.assert_allclose(head(Features(feature))["logits"].detach(), expected, rtol=1e-9)


def test_half_of_the_hidden_outputs_are_dropped_while_training():
    torch.manual_seed(0)
    head = HiddenHead(5, 3, hidden=4000)
    head.layers[0].bias.data += 10  # ReLU drops none
    hidden = head.layers[:3](torch.rand(1, 5))
    assert 0.45 < (hidden == 0).double().mean() < 0.55


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_dropout_is_a_share(dropout):
    with pytest.raises(ConfigError, match=r"head\.dropout of at least 0 and below 1"):
        HiddenHead(5, 3, dropout=dropout)
