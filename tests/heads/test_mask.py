import pytest
import torch
from torch import nn

from fercli.errors import ConfigError
from fercli.heads.linear import LinearHead
from fercli.heads.mask import MaskHead
from fercli.prediction import Features


def test_a_map_of_7x7_gives_a_mask_of_56x56():
    head = MaskHead(16, 7, (16, 7, 7))
    features = Features(torch.randn(2, 16), torch.randn(2, 16, 7, 7).requires_grad_())
    found = head(features)
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    assert shapes == {"logits": (2, 7), "class_vectors": (7, 16), "mask_logits": (2, 56, 56)}
    found["mask_logits"].square().mean().backward()
    assert features.map.grad.any()
    assert all(p.grad.any() for p in head.decoder.parameters())
    assert head.weight.grad is None


def test_layers_of_the_decoder():
    layers = [m for m in MaskHead(1024, 7, (1024, 7, 7)).decoder if isinstance(m, nn.Conv2d | nn.Upsample)]
    found = [(m.in_channels, m.out_channels, *m.kernel_size) if isinstance(m, nn.Conv2d) else m.mode for m in layers]
    assert found == [
        *[(1024, 256, 3, 3), "bilinear", (256, 128, 3, 3), "bilinear", (128, 64, 3, 3), "bilinear", (64, 32, 3, 3)],
        (32, 1, 1, 1),
    ]


def test_a_mask_can_be_learned_from_the_map():
    """A map that says where the mask is: the decoder draws it, and not its mirror image."""
    torch.manual_seed(0)
    target = torch.zeros(2, 16, 16)
    target[0, :8], target[1, :, 8:] = 1, 1
    map = nn.functional.avg_pool2d(target[:, None], 8)
    head = MaskHead(1, 2, (1, 2, 2))
    optimizer = torch.optim.Adam(head.parameters(), lr=0.003)
    for _ in range(60):
        optimizer.zero_grad()
        scores = head(Features(map.mean((2, 3)), map))["mask_logits"]
        nn.functional.binary_cross_entropy_with_logits(scores, target).backward()
        optimizer.step()
    assert ((scores > 0) == target.bool()).float().mean() > 0.9


def test_the_classifier_starts_as_a_linear_one():
    torch.manual_seed(2)
    expected = LinearHead(6, 7).weight
    torch.manual_seed(2)
    assert torch.equal(MaskHead(6, 7, (6, 2, 2)).weight, expected)


def test_without_a_map():
    with pytest.raises(ConfigError, match=r"reads the last feature map.*set backbone.map"):
        MaskHead(6, 7, None)
