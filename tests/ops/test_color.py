import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import ColorJitter
from torchvision.transforms.v2 import functional as F

from fercli.ops.color import brightened, contrasted, jittered, saturated, turned

CHANGES = {
    brightened: F.adjust_brightness,
    contrasted: F.adjust_contrast,
    saturated: F.adjust_saturation,
    turned: F.adjust_hue,
}


def drawn(*shape):
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("last", [True, False], ids=["channels last", "channels first"])
@pytest.mark.parametrize("shape", [(12, 3, 40, 31), (12, 4, 3, 20, 20), (12, 1, 20, 20), (12, 2, 1, 20, 20)])
def test_colors_are_those_of_torchvision_from_the_same_draws(shape, last):
    jitter, image = ColorJitter(0.3, 0.3, 0.3, 0.1), drawn(*shape)
    if last:
        image = image.movedim(-3, -1).contiguous().movedim(-1, -3)
    torch.manual_seed(5)
    expected, after = torch.stack([jitter(one) for one in image]), torch.rand(1)
    torch.manual_seed(5)
    found = jittered(image, jitter)
    assert torch.equal(torch.rand(1), after)
    assert torch.equal(image, drawn(*shape))
    difference = (found.int() - expected.int()).abs()
    assert difference.max() <= 5  # later changes widen a rounding
    assert (difference > 0).double().mean() < 0.002


@pytest.mark.parametrize("factor", [0.0, 0.3147, 1.0, 1.8713])  # products are seldom whole
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("channels", [3, 1])
def test_each_change_rounds_as_torchvision_does(change, channels, factor):
    image = drawn(channels, 64, 64)
    image[:, :8, :8] = image[:1, :8, :8]  # gray pixels
    image[:, 8:10], image[:, 10:12] = 0, 255
    factor = factor if change is not turned else factor / 2 - 0.5
    found = change(np.ascontiguousarray(image.permute(1, 2, 0).numpy()), factor).reshape(64, 64, channels)
    difference = (found.astype(int) - CHANGES[change](image, factor).permute(1, 2, 0).int().numpy()).__abs__()
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.002


def test_a_full_turn_of_the_hue_changes_nothing_but_a_half_turn_does():
    image = drawn(30, 30, 3).numpy()
    assert np.abs(turned(turned(image, 0.5), 0.5).astype(int) - image).max() <= 2
    assert not np.array_equal(turned(image, 0.5), image)
