import numpy as np
import pytest
import torch

from fercli.backbones.bregnext import BoundedShortcut, BReGBlock, BReGNeXt


def test_shapes():
    with torch.device("meta"):
        features = BReGNeXt()(torch.empty(2, 3, 112, 112))
    assert features.vector.shape == (2, BReGNeXt.dim) == (2, 128)
    assert features.map.shape == (2, 128, 28, 28)


def test_parameters():
    """The paper says 3.1 million."""
    convolutions = 14 * 9 * 32**2 + 9 * 32 * 64 + 17 * 9 * 64**2 + 9 * 64 * 128 + 15 * 9 * 128**2 + 9 * 3 * 32
    biases = 32 + 14 * 32 + 18 * 64 + 16 * 128
    norms = 2 * (15 * 32 + 18 * 64 + 15 * 128) + 2 * 128
    with torch.device("meta"):
        count = sum(p.numel() for p in BReGNeXt().parameters())
    assert count == convolutions + biases + norms + 24 * 2
    assert round(count / 1e6, 1) == 3.1


@pytest.mark.parametrize(("alpha", "beta"), [(1, 1), (0.2, 3), (-4, 0.5), (2.5, 0)])
def test_the_gradient_of_the_shortcut_is_bounded(alpha, beta):
    shortcut = BoundedShortcut().double()
    with torch.no_grad():
        shortcut.alpha.fill_(alpha)
        shortcut.beta.fill_(beta)
    x = torch.linspace(-50, 50, 1001, dtype=torch.float64, requires_grad=True)
    found = shortcut(x)
    points, scale = x.detach().numpy(), np.sqrt(beta**2 + 1)
    np.testing.assert_allclose(found.detach(), np.arctan(alpha * points / scale) / (alpha * scale), rtol=1e-9)
    found.sum().backward()
    np.testing.assert_allclose(x.grad, 1 / (1 + beta**2 + (alpha * points) ** 2), rtol=1e-9)
    assert 0 < x.grad.min() < x.grad.max() <= 1


def test_the_parameters_of_the_shortcut_are_trained():
    shortcut = BoundedShortcut().double()
    x = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, alpha, beta: torch.func.functional_call(shortcut, {"alpha": alpha, "beta": beta}, (x,)),
        (x, shortcut.alpha, shortcut.beta),
    )


@pytest.mark.parametrize(("size", "half"), [(8, 4), (7, 4)])
def test_a_block_that_widens_pools_and_pads_its_shortcut(size, half):
    block = BReGBlock(4, 8).eval()
    torch.nn.init.zeros_(block.residual[-1].weight)
    torch.nn.init.zeros_(block.residual[-1].bias)
    x = torch.randn(2, 4, size, size)
    found = block(x)
    assert found.shape == (2, 8, half, half)
    assert not found[:, :2].any()
    assert not found[:, 6:].any()
    mapped = block.shortcut(x)
    for row, column in [(0, 0), (1, 2), (half - 1, half - 1)]:
        window = mapped[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        torch.testing.assert_close(found[:, 2:6, row, column], window.mean((2, 3)))


def test_a_block_of_one_width_adds_its_shortcut():
    block = BReGBlock(4, 4).eval()
    x = torch.randn(2, 4, 6, 6)
    torch.testing.assert_close(block(x), block.residual(x) + torch.atan(x / 2**0.5) / 2**0.5)


def test_gray_images_and_the_pooled_feature():
    features = BReGNeXt(channels=1).eval()(torch.randn(2, 1, 16, 16))
    torch.testing.assert_close(features.vector, features.map.mean((2, 3)))
