"""Grad-CAM against maps whose weights are known, and on the adapters of real networks."""

import numpy as np
import pytest
import torch
from torch import nn

from fercli.backbones.c3d import C3D
from fercli.backbones.lenets import LeNets
from fercli.backbones.timm import TimmBackbone
from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.backbones.video import FrameAverage, VideoResNetBackbone
from fercli.errors import ConfigError
from fercli.figures.class_activation import grad_cam
from fercli.prediction import Features


class Channels(nn.Module):
    """The channels of the image are the map, their means the feature; `shown` picks what is given as the map."""

    def __init__(self, shown=lambda map: map):
        super().__init__()
        self.shown = shown

    def forward(self, image):
        last = image * 1
        return Features(last.mean((2, 3)), self.shown(last))


def linear(weight):
    return lambda features: features.vector @ torch.as_tensor(weight).T


def test_the_map_of_a_linear_score_of_pooled_channels_is_their_weighted_sum():
    image = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    weight = torch.tensor([[1.0, -2.0, 0.5], [-1.0, 0.0, 2.0]], dtype=torch.float64)
    found, layer = grad_cam(Channels().eval(), linear(weight), image, torch.tensor([0, 1]))
    assert layer == ""  # no layer of the network gives the map
    for heat, maps, row in zip(found, image.numpy(), weight.numpy(), strict=True):
        expected = np.maximum(sum(w * channel for w, channel in zip(row, maps, strict=True)), 0)
        np.testing.assert_allclose(heat, expected / expected.max(), rtol=1e-5, atol=1e-7)


def test_the_gradient_is_that_of_the_score_and_not_of_its_softmax():
    image = torch.rand(1, 2, 2, 2)
    image[:, 0, 0, 0] = 2
    sure = [[1000.0, 0.0], [0.0, 0.0]]  # where softmax is flat
    heat, _ = grad_cam(Channels().eval(), linear(sure), image, torch.tensor([0]))
    np.testing.assert_allclose(heat[0], image[0, 0] / 2, rtol=1e-5)


def test_nothing_speaks_for_a_class_of_negative_weights():
    heat, _ = grad_cam(Channels().eval(), linear([[-1.0], [1.0]]), torch.rand(1, 1, 3, 3), torch.tensor([0]))
    assert heat.tolist() == [[[0] * 3] * 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "layer"),
    [
        (lambda: LeNets(channels=3, size=64, dim=4), "convolutions"),
        (lambda: TorchvisionBackbone("resnet18", "layer4", small_input=True), "net.layer4.1.relu"),
        (lambda: TorchvisionBackbone("resnet18", "layer4"), "net.layer2.1.relu"),  # the last map has 2 x 2
        (lambda: TorchvisionBackbone("densenet121", "relu"), "net.features.transition2.conv"),
        (lambda: TorchvisionBackbone("mobilenet_v3_small", "features"), "net.features.4.block.0"),
        (lambda: TimmBackbone("convnext_atto"), "net.stages.2.downsample.0"),
        (lambda: TimmBackbone("swin_tiny_patch4_window7_224", img_size=64, window_size=2), "net.layers.1"),
    ],
    ids=["lenets", "resnet18_of_small_images", "resnet18", "densenet121", "mobilenet", "convnext", "swin"],
)
def test_the_last_layer_with_a_fine_map_is_taken(backbone, layer):
    """What speaks for a class and what speaks against it lie in different places, and together somewhere."""
    torch.manual_seed(0)
    network = backbone().eval().requires_grad_(False)
    head = nn.Linear(network.dim, 5)
    image = torch.randn(3, 3, 64, 64)
    with torch.inference_mode():
        (for_it, named), (against, _) = (
            grad_cam(network, lambda features, sign=sign: sign * head(features.vector), image, torch.tensor([4, 0, 2]))
            for sign in (1, -1)
        )
    assert named == layer
    assert for_it.shape == against.shape == (3, 8, 8)
    assert not (for_it * against).any()
    assert ((for_it + against).max((1, 2)) == 1).all()
    assert all(parameter.grad is None for parameter in [*network.parameters(), *head.parameters()])


def test_channels_that_are_last_give_the_map_that_the_equations_give():
    torch.manual_seed(0)
    network = TimmBackbone("swin_tiny_patch4_window7_224", img_size=64, window_size=2).eval()
    head, image, label = nn.Linear(768, 5), torch.randn(2, 3, 64, 64), torch.tensor([1, 3])
    last = network.net.layers[1](network.net.layers[0](network.net.patch_embed(image))).detach().requires_grad_()
    rest = network.net.norm(network.net.layers[3](network.net.layers[2](last)))
    score = head(network.net.forward_head(rest, pre_logits=True))[[0, 1], label].sum()
    (gradient,) = torch.autograd.grad(score, last)
    expected = (gradient.mean((1, 2), keepdim=True) * last).sum(3).relu().detach()
    expected = expected / expected.amax((1, 2), keepdim=True)
    found, _ = grad_cam(network, lambda features: head(features.vector), image, label)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "shape"),
    [
        (lambda: C3D(size=32, width=2, dim=8), (8, 8, 8)),
        (lambda: VideoResNetBackbone("r3d_18"), (8, 8, 8)),
        (lambda: FrameAverage("resnet18", small_input=True), (16, 8, 8)),
    ],
    ids=["c3d", "r3d18", "frames_resnet18"],
)
def test_clips_are_explained_by_the_last_layer_with_a_fine_map(backbone, shape):
    torch.manual_seed(0)
    network = backbone().eval().requires_grad_(False)
    head, clip = nn.Linear(network.dim, 5), torch.randn(2, 16, 3, 32, 32)
    (for_it, _), (against, _) = (
        grad_cam(network, lambda features, sign=sign: sign * head(features.vector), clip, torch.tensor([4, 0]))
        for sign in (1, -1)
    )
    assert for_it.shape == against.shape == (2, *shape)
    assert not (for_it * against).any()
    assert ((for_it + against).max((1, 2, 3)) == 1).all()
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in network.modules())


def test_the_map_of_a_clip_is_the_weighted_sum_of_what_is_pooled():
    class Pooled(nn.Sequential):
        def forward(self, image):
            return Features(super().forward(image.transpose(1, 2) * 1))

    clip, weight = torch.rand(2, 4, 3, 5, 6), [[1.0, -2.0, 0.5]]
    found, _ = grad_cam(
        Pooled(nn.AdaptiveAvgPool3d(1), nn.Flatten()).eval(), linear(weight), clip, torch.zeros(2, dtype=torch.int64)
    )
    expected = np.maximum(np.einsum("ntchw,c->nthw", clip.numpy(), weight[0]), 0)
    np.testing.assert_allclose(found, expected / expected.max((1, 2, 3), keepdims=True), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (lambda map: None, "expects a backbone with a feature map, found none; name the node .* backbone.map"),
        (lambda map: map[:, :, :1, :1], "found one of a single position.*take larger images"),
        (lambda map: map * 1, "expects class scores that come from the feature map"),
    ],
)
def test_what_has_no_map_is_refused(shown, message):
    with pytest.raises(ConfigError, match=message):
        grad_cam(Channels(shown).eval(), linear([[1.0]]), torch.rand(1, 1, 3, 3), torch.tensor([0]))


def test_a_network_in_training_mode_is_not_touched():
    with pytest.raises(AssertionError, match="running statistics"):
        grad_cam(Channels(), linear([[1.0]]), torch.rand(1, 1, 3, 3), torch.tensor([0]))
