import pytest
import torch
from torchvision.transforms.v2 import ColorJitter

from fercli.ops.color import jittered, turned


@pytest.mark.parametrize("shape", [(3, 40, 31), (4, 3, 20, 20), (1, 20, 20)])
def test_colors_are_those_of_torchvision_from_the_same_draws(shape):
    jitter = ColorJitter(0.3, 0.3, 0.3, 0.1)
    for seed in range(12):
        image = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
        torch.manual_seed(seed)
        expected, drawn = jitter(image), torch.rand(1)
        torch.manual_seed(seed)
        found = jittered(image, jitter)
        assert torch.equal(torch.rand(1), drawn)
        difference = (found.int() - expected.int()).abs()
        assert difference.max() <= 3  # later changes widen a rounding
        assert (difference > 0).double().mean() < 0.002


def test_a_full_turn_of_the_hue_changes_nothing_but_a_half_turn_does():
    image = torch.randint(0, 256, (3, 30, 30), dtype=torch.uint8)
    assert (turned(turned(image, 0.5), 0.5).int() - image.int()).abs().max() <= 2
    assert not torch.equal(turned(image, 0.5), image)
