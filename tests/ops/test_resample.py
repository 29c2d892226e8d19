import pytest
import torch
from torchvision.transforms.v2 import functional as F

from fercli.ops.resample import resized_parts

PARTS = [[0, 0, 40, 60], [3, 7, 16, 16], [5, 11, 8, 30], [20, 0, 20, 9], [39, 59, 1, 1], [0, 0, 40, 40]]


@pytest.mark.parametrize("size", [5, 16, 37, 80])
def test_parts_are_resized_as_torchvision_does_one_by_one(size):
    torch.manual_seed(0)
    image = torch.randint(256, (len(PARTS), 3, 40, 60), dtype=torch.uint8)
    flipped = torch.arange(len(PARTS)) % 2 == 0
    found = resized_parts(image, torch.tensor(PARTS), size, flipped)
    assert found.dtype == torch.uint8
    for one, part, flip, seen in zip(image, PARTS, flipped, found, strict=True):
        expected = F.resized_crop(one.float(), *part, [size, size], antialias=True)
        expected = expected.flip(-1) if flip else expected
        assert (seen.float() - expected).abs().max() <= 0.51  # rounded


def test_a_part_of_the_size_of_the_output_is_not_resampled():
    image = torch.randint(256, (2, 1, 40, 60), dtype=torch.uint8)
    found = resized_parts(image, torch.tensor([[3, 7, 16, 16], [24, 44, 16, 16]]), 16, torch.tensor([False, True]))
    assert torch.equal(found[0], image[0, :, 3:19, 7:23])
    assert torch.equal(found[1], image[1, :, 24:40, 44:60].flip(-1))
