import numpy as np
import pytest
import torch

from fercli.errors import ConfigError
from fercli.heads.local_attention import GlobalAttention, LocalAttention, gated

CHANNELS = 3


def num_parameters(module):
    return sum(p.numel() for p in module.parameters())


def double(module):
    """In float64, with biases that are not 0."""
    module = module.double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(std=0.3)
    return module


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def weights(layer, j):
    return layer.weight[j].detach().numpy(), layer.bias[j].detach().numpy()


def relu(x):
    return np.maximum(x, 0)


def convolution(x, layer, j):
    """Module j on x (C, H, W), by loops over the places."""
    weight, bias = weights(layer, j)
    p = weight.shape[-1] // 2
    padded = np.pad(x, ((0, 0), (p, p), (p, p)))
    out = np.empty((len(weight), *x.shape[1:]))
    for row in range(x.shape[1]):
        for column in range(x.shape[2]):
            part = padded[:, row : row + 2 * p + 1, column : column + 2 * p + 1]
            out[:, row, column] = [(kernel * part).sum() for kernel in weight] + bias
    return out


def linear(x, layer, j):
    weight, bias = weights(layer, j)
    return np.array([(x * column).sum() for column in weight.T]) + bias


def halved(x):
    channels, height, width = x.shape
    return x[:, : height // 2 * 2, : width // 2 * 2].reshape(channels, height // 2, 2, width // 2, 2).max((2, 4))


def gate_by_loops(gate, map, j):
    x = relu(convolution(halved(map), gate.convolution, j))
    x = x.mean((1, 2)) if gate.pooling == "average" else x.reshape(-1)
    logit = linear(relu(linear(x, gate.first, j)), gate.last, j)[0]
    return 1 / (1 + np.exp(-logit))


@pytest.mark.parametrize("pooling", ["average", "flatten"])
def test_local_attention_by_loops(pooling):
    local = double(LocalAttention(CHANNELS, gate_pooling=pooling))
    windows = torch.randn(2, 24, CHANNELS, 6, 6, dtype=torch.float64)
    vectors, gates = local(windows)
    assert vectors.shape == (2, 1536) == (2, local.dim)
    assert gates.shape == (2, 24)
    for b, j in ((0, 0), (1, 0), (0, 7), (1, 23)):
        first = relu(convolution(windows[b, j].numpy(), local.first, j))
        second = relu(convolution(first, local.second, j))
        alpha = gate_by_loops(local.gate, second, j)
        phi = relu(linear(second.reshape(-1), local.vector[0], j))
        assert gates[b, j].item() == pytest.approx(alpha, rel=1e-9)
        np.testing.assert_allclose(vectors[b, 64 * j : 64 * j + 64].detach().numpy(), alpha * phi, rtol=1e-9)


@pytest.mark.parametrize("pooling", ["average", "flatten"])
def test_global_attention_by_loops(pooling):
    whole = double(GlobalAttention(CHANNELS, 4, gate_pooling=pooling))
    map = torch.randn(2, CHANNELS, 4, 4, dtype=torch.float64)
    vectors, gates = whole(map)
    assert vectors.shape == (2, 512) == (2, whole.dim)
    assert gates.shape == (2, 1)
    g = relu(convolution(halved(map[1].numpy()), whole.convolution, 0))
    alpha = gate_by_loops(whole.gate, g, 0)
    assert gates[1].item() == pytest.approx(alpha, rel=1e-9)
    expected = alpha * relu(linear(g.reshape(-1), whole.vector[0], 0))
    np.testing.assert_allclose(vectors[1].detach().numpy(), expected, rtol=1e-9)


def test_a_vector_times_its_gate():
    logit = torch.tensor(0.4, dtype=torch.float64, requires_grad=True)
    phi = torch.tensor([1, -2, 0.5], dtype=torch.float64)
    map = torch.zeros(1, 1, 1, 1, 1, dtype=torch.float64)
    rho, alpha = gated(lambda flat: phi.view(1, 1, 3), lambda map: logit.sigmoid().view(1, 1, 1), map)
    assert alpha.item() == pytest.approx(0.598687660112452, abs=1e-15)
    assert rho.flatten().tolist() == pytest.approx([0.5986876601, -1.1973753202, 0.2993438301], abs=1e-10)
    by_logit = [torch.autograd.grad(r, logit, retain_graph=True)[0].item() for r in rho.flatten()]
    assert by_logit == pytest.approx([0.2402607457, -0.4805214915, 0.1201303729], abs=1e-10)
    (by_alpha,) = torch.autograd.grad(rho.sum(), alpha)
    assert by_alpha.item() == pytest.approx(-0.5)


def test_gates_lie_between_zero_and_one():
    _, gates = LocalAttention(CHANNELS)(torch.rand(8, 24, CHANNELS, 6, 6))
    assert (gates > 0).all()
    assert (gates < 1).all()
    assert not torch.allclose(gates.sum(1), torch.ones(8))  # independent: not normalized over patches


def test_gates_take_gradients_through_the_vectors_alone():
    """Finite differences of a function of the vectors, by the last bias of each gate."""
    local = double(LocalAttention(CHANNELS))
    windows = torch.randn(2, 24, CHANNELS, 6, 6, dtype=torch.float64)
    direction = torch.randn(2, 1536, dtype=torch.float64)

    def value():
        return (direction * local(windows)[0].square()).sum()

    value().backward()
    bias, step = local.gate.last.bias, 1e-6
    for j in range(24):
        with torch.no_grad():
            bias[j] += step
            above = value()
            bias[j] -= 2 * step
            difference = (above - value()) / (2 * step)
            bias[j] += step
        assert bias.grad[j].item() == pytest.approx(difference.item(), rel=1e-5)


def test_shared_weights_are_equal_weights():
    shared, separate = double(LocalAttention(CHANNELS, shared=True)), double(LocalAttention(CHANNELS))
    separate.load_state_dict(
        {name: value.expand(24, *value.shape[1:]).clone() for name, value in shared.state_dict().items()}
    )
    assert num_parameters(separate) == 24 * num_parameters(shared)
    windows = torch.randn(2, 24, CHANNELS, 6, 6, dtype=torch.float64)
    torch.testing.assert_close(shared(windows), separate(windows))


@pytest.mark.parametrize(("channels", "one", "whole"), [(640, 5_662_273, 54_404_353), (512, 3_876_161, 53_814_529)])
def test_parameters_as_derived(channels, one, whole):
    with torch.device("meta"):
        assert num_parameters(LocalAttention(channels)) == 24 * one
        assert num_parameters(GlobalAttention(channels, 28)) == whole


def test_a_map_too_small_for_the_global_gate_is_refused():
    with pytest.raises(ConfigError, match=r"feature maps of at least 4x4, found 3x3; use larger images"):
        GlobalAttention(CHANNELS, 3)
