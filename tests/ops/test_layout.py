import numpy as np
import pytest
import torch

from fercli.ops.layout import as_images, as_pixels, stack_pixels


def last(image):
    return image.movedim(-3, -1).contiguous().movedim(-1, -3)


@pytest.mark.parametrize(("channels", "parts"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 5)])
def test_channels_side_by_side_are_one_part_that_shares_memory(channels, parts):
    image = last(torch.randint(256, (2, channels, 5, 7), dtype=torch.uint8))
    pixels = as_pixels(image)
    assert pixels.shape == (2, parts, 5, 7, channels // parts)
    assert torch.equal(as_images(pixels), image)
    if parts == 1:
        pixels[1, 0, 2, 3] = 9
        assert (image[1, :, 2, 3] == 9).all()


@pytest.mark.parametrize("image", [torch.rand(2, 3, 5, 7), torch.rand(2, 3, 7, 5).mT, torch.rand(2, 6, 5, 7)[:, ::2]])
def test_other_images_are_parts_of_one_channel(image):
    pixels = as_pixels(image)
    assert pixels.shape == (2, 3, 5, 7, 1)
    assert all(part.flags.c_contiguous for one in pixels for part in one)
    assert torch.equal(as_images(pixels), image)


def test_stacked_images_and_clips_are_one_part_each():
    images = [torch.from_numpy(np.full((5, 7, 3), level, np.uint8)).permute(2, 0, 1) for level in range(4)]
    stacked = stack_pixels(images)
    assert torch.equal(stacked, torch.stack(images))
    assert as_pixels(stacked).shape == (4, 1, 5, 7, 3)
    assert torch.equal(stack_pixels([stacked, stacked]), torch.stack([stacked, stacked]))
