"""The attention network of DACL; the numbers of the tiny networks were worked out in NumPy."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from fercli.errors import ConfigError, RunError
from fercli.heads.attention import AttentionNetwork, ContextEncoder

# Rows of the weights are inputs, as in the equations.
HIDDEN = [([[0.5, -1], [0.25, 0.5]], [0.1, 0.2]), ([[1, -0.5], [0.5, 1]], [-0.1, 0.3])]
CODE = ([[0.8, 0.1], [-0.6, 0.4]], [0.05, -0.05])
GATE = ([[-0.4, 0.6], [0.2, 0.1]], [0, 0.2])
INCLUSION = ([[0.5, -0.3, 0.2], [0.1, 0.7, -0.4]], [0, 0.1, -0.1])
EXCLUSION = ([[-0.2, 0.4, 0.1], [0.3, -0.1, 0.6]], [0.05, 0, 0.2])


def fill(linear, weight, bias):
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(weight, dtype=torch.float64).T)
        linear.bias.copy_(torch.tensor(bias, dtype=torch.float64))


def linears(module):
    return [layer for layer in module.modules() if isinstance(layer, nn.Linear)]


def without_normalization(network):
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.BatchNorm1d):
            network.set_submodule(name, nn.Identity())
    return network.double()


@pytest.fixture
def tiny():
    """Two inputs, widths 2, 2, 2, a feature of three, no normalization; gated or not."""

    def make(gated):
        network = without_normalization(AttentionNetwork(2, 3, (2, 2, 2), gated))
        parts = [*HIDDEN, CODE, *([GATE] if gated else [])]
        for layer, part in zip(linears(network.encoder), parts, strict=True):
            fill(layer, *part)
        scores = [np.stack([out, into], axis=-1).reshape(-1, 6) for out, into in zip(EXCLUSION, INCLUSION, strict=True)]
        fill(network.heads, scores[0], scores[1][0])
        return network

    return make


MAP = torch.tensor([1.0, 2.0], dtype=torch.float64).view(1, 2, 1, 1)


def test_a_tiny_network(tiny):
    network = tiny(gated=False).eval()
    hidden = network.encoder.hidden(MAP)
    assert network.encoder.hidden[:4](MAP)[0].tolist() == pytest.approx([1.1, 0.2], rel=1e-9)
    assert hidden[0].tolist() == pytest.approx([1.1, 0], rel=1e-9)
    assert network.encoder(MAP)[0].tolist() == pytest.approx([0.730593896096, 0.059928103529], rel=1e-9)
    attention = [0.610503728138, 0.410119052185, 0.428770629978]
    assert network(MAP)[0].tolist() == pytest.approx(attention, rel=1e-9)


def test_a_tiny_gated_network(tiny):
    network = tiny(gated=True).eval()
    gate = network.encoder.gate(network.encoder.hidden(MAP))
    assert gate[0].tolist() == pytest.approx([0.391740969253, 0.702660654345], rel=1e-9)
    assert network.encoder(MAP)[0].tolist() == pytest.approx([0.286203560987, 0.042109120439], rel=1e-9)
    attention = [0.535420734941, 0.483342367829, 0.422263400289]
    assert network(MAP)[0].tolist() == pytest.approx(attention, rel=1e-9)


def test_limits_of_the_gate(tiny):
    plain, gated = tiny(gated=False).eval(), tiny(gated=True).eval()
    fill(gated.encoder.gate[0], np.zeros((2, 2)), [0, 0])
    torch.testing.assert_close(gated.encoder(MAP), plain.encoder(MAP) / 2)
    fill(gated.encoder.gate[0], np.zeros((2, 2)), [40, 40])
    torch.testing.assert_close(gated(MAP), plain(MAP), rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("inclusion", "exclusion", "weight"),
    [
        (0, 0, 0.5),
        (1, -1, 0.880797077978),
        (0.3, 1.1, 0.310025518872),
        (-2, 3, 0.006692850924),
        (3, 2, 0.731058578630),
    ],
)
def test_softmax_of_two_scores(inclusion, exclusion, weight):
    network = AttentionNetwork(2, 1, (2, 2, 2)).double().eval()
    for shift in (0, 7.5):
        fill(network.heads, np.zeros((2, 2)), [exclusion + shift, inclusion + shift])
        assert network(MAP).item() == pytest.approx(weight, rel=1e-9)


def test_heads_of_zero_weigh_everything_one_half():
    network = AttentionNetwork(8, 5, (4, 3))
    nn.init.zeros_(network.heads.weight)
    assert (network(torch.randn(6, 2, 2, 2)) == 0.5).all()


def normalized(x, norm):
    deviations = x - x.mean(0)
    return deviations / np.sqrt((deviations**2).mean(0) + 1e-5) * norm.weight.numpy() + norm.bias.numpy()


@pytest.mark.parametrize("gated", [False, True])
def test_training_agrees_with_numpy(gated):
    network = AttentionNetwork(3 * 2 * 2, 4, (6, 5, 3), gated).double().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.weight.uniform_(0.5, 2)
            module.bias.normal_()
    maps = np.random.default_rng(1).normal(size=(7, 3, 2, 2))
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    layers = [(layer.weight.numpy().T, layer.bias.numpy()) for layer in linears(network)]

    def through(x, i):
        return normalized(x @ layers[i][0] + layers[i][1], norms[i])

    rows = np.stack([[maps[i, c, h, w] for c in range(3) for h in range(2) for w in range(2)] for i in range(7)])
    for i in range(2):
        rows = np.maximum(through(rows, i), 0)
    code = np.tanh(through(rows, 2))
    if gated:
        code = code / (1 + np.exp(-through(rows, 3)))
    scores = (code @ layers[-1][0] + layers[-1][1]).reshape(7, 4, 2)
    expected = np.exp(scores[..., 1]) / np.exp(scores).sum(2)
    for format in (torch.contiguous_format, torch.channels_last):
        found = network(torch.from_numpy(maps).to(memory_format=format))
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_normalization_over_two_samples():
    norm = ContextEncoder(1, (1,)).code[1]
    found = norm.double()(torch.tensor([[1.0], [3.0]], dtype=torch.float64))
    assert found.flatten().tolist() == pytest.approx([-0.999995000037, 0.999995000037], rel=1e-9)


def test_maps_are_flattened_by_channel_row_and_column():
    flatten = ContextEncoder(8, (1,)).hidden[0]
    assert flatten(torch.arange(1, 9).view(1, 2, 2, 2)).tolist() == [[*range(1, 9)]]


@pytest.mark.parametrize(("gated", "count"), [(False, 91_862_208), (True, 91_895_168)])
def test_parameters(gated, count):
    with torch.device("meta"):
        network = AttentionNetwork(512 * 7 * 7, 512, gated=gated)
    layers, norms = linears(network.encoder), [m for m in network.modules() if isinstance(m, nn.BatchNorm1d)]
    sizes = [sum(p.numel() for p in layer.parameters()) for layer in (*layers, *norms, network.heads)]
    branches = 1 + gated
    assert sizes == [
        *[89_918_976, 1_835_520, *[32_832] * branches],
        *[7_168, 1_024, *[128] * branches],
        66_560,
    ]
    assert sum(sizes) == count == sum(p.numel() for p in network.parameters())


def test_shapes_and_range():
    network = AttentionNetwork(6 * 3 * 3, 6)
    maps = torch.randn(4, 6, 3, 3)
    assert network.encoder(maps).shape == (4, 64)
    assert network(maps).shape == (4, 6)
    assert ((network(maps) > 0) & (network(maps) < 1)).all()


def test_starts_from_he_normal():
    torch.manual_seed(0)
    widths = (400, 300, 64)
    network = AttentionNetwork(500, 512, widths)
    for layer, fan_in in zip(linears(network), (500, *widths), strict=True):
        assert layer.weight.std().item() == pytest.approx((2 / fan_in) ** 0.5, rel=0.03)
        assert not layer.bias.any()


def test_widths_of_the_hidden_layers():
    shapes = [tuple(layer.weight.shape) for layer in linears(ContextEncoder(20, (8, 6, 4)))]
    assert shapes == [(out, into) for into, out in pairwise((20, 8, 6, 4))]
    with pytest.raises(ConfigError, match=r"expected head.widths"):
        ContextEncoder(20, ())


def test_a_training_batch_of_one_is_refused():
    network = AttentionNetwork(8, 5, (4, 3))
    with pytest.raises(RunError, match=r"at least 2 images in a training batch, found 1.*trainer.batch_size"):
        network(torch.randn(1, 2, 2, 2))
    assert network.eval()(torch.randn(1, 2, 2, 2)).shape == (1, 5)
