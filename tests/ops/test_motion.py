"""Motions are checked on images that show where their points are."""

import pytest
import torch
from torch import nn

from fercli.batch import Batch
from fercli.datasets.augment import Jitter, Plain, TenCrop
from fercli.datasets.augment_streams import CropFlipTurn, PadCrop
from fercli.ops.motion import MIRRORED_68, move_points, sampled, shifted, windows

IDENTITY = {"mean": [0.0], "std": [1 / 255]}
SIZE = 64
SPOTS = ((20, 24), (40, 30), (30, 44))  # x, y
AUGMENTATIONS = [
    Plain(48, **IDENTITY),
    Jitter(SIZE, shift=5, rotation=20, scale=0.1, **IDENTITY),
    Jitter(96, shift=5, rotation=20, scale=0.1, **IDENTITY),
    TenCrop(60, resize=72, **IDENTITY),
    PadCrop(56, pad=6, **IDENTITY),
    CropFlipTurn(48, flip=0.4, turn=0.4, **IDENTITY),
]


def spots(num_images):
    """Images with three bright spots, and landmarks of which the first three are the spots."""
    image = torch.zeros(num_images, 1, SIZE, SIZE)
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    for level, (left, top) in enumerate(SPOTS):
        image += (60 + 60 * level) * torch.exp(-((x - left) ** 2 + (y - top) ** 2) / 8)
    landmarks = torch.zeros(num_images, 68, 2)
    landmarks[:, :3] = torch.tensor(SPOTS, dtype=torch.float32)
    return image.round().to(torch.uint8), landmarks


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("augment", AUGMENTATIONS, ids=lambda augment: f"{type(augment).__name__}{augment.size}")
def test_landmarks_stay_on_what_they_mark(augment, training):
    torch.manual_seed(0)
    image, landmarks = spots(40)
    seen = augment.train(training)(Batch([], image, landmarks=landmarks))
    mirrored = 0
    for picture, points in zip(seen.image[:, 0], seen.landmarks, strict=True):
        numbers = [0, 1, 2]
        if points[0, 0] == points[1, 0] == points[2, 0]:  # renumbered: the jaw is counted from the other side
            numbers, mirrored = [16, 15, 14], mirrored + 1
        for number in numbers:
            left, top = points[number].tolist()
            around = picture[max(0, round(top) - 3) : round(top) + 4, max(0, round(left) - 3) : round(left) + 4]
            weight = around / around.sum()
            rows = torch.arange(max(0, round(top) - 3), max(0, round(top) - 3) + len(around))
            columns = torch.arange(max(0, round(left) - 3), max(0, round(left) - 3) + around.shape[1])
            assert abs((weight.sum(1) * rows).sum() - top) < 0.6
            assert abs((weight.sum(0) * columns).sum() - left) < 0.6
    assert (mirrored > 0) == (training and type(augment) is not Plain)


def test_renumbering_is_its_own_inverse_and_swaps_the_eyes():
    assert [MIRRORED_68[MIRRORED_68[i]] for i in range(68)] == [*range(68)]
    assert MIRRORED_68[36] == 45  # the outer corners
    assert MIRRORED_68[48] == 54  # of the mouth
    assert MIRRORED_68[30] == 30  # the tip of the nose


def test_a_symmetric_face_is_its_own_mirror_image():
    half = torch.rand(68, 2, generator=torch.Generator().manual_seed(0))
    other = half[[*MIRRORED_68]] * torch.tensor([-1.0, 1.0]) + torch.tensor([63.0, 0.0])
    face = ((half + other) / 2)[None]
    flip = torch.tensor([[[-1.0, 0, 63], [0, 1, 0]]])
    torch.testing.assert_close(move_points(face, flip), face)


@pytest.mark.parametrize("size", [(48, 48), (31, 31), (224, 224)])
def test_whole_pixels_move_without_interpolation_to_the_pixels_of_interpolation(size):
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (40, 3, *size), generator=generator, dtype=torch.uint8)
    shift = torch.randint(-size[0] + 1, size[0], (2, 40), generator=generator)
    shift[:, :20] //= 8
    flipped = torch.rand(40, generator=generator) < 0.5
    mirror, one, zero = torch.where(flipped, -1.0, 1.0), torch.ones(40), torch.zeros(40)
    offset = shift * (2 / size[0])
    to_input = torch.stack([mirror, zero, offset[0], zero, one, offset[1]], dim=1).view(-1, 2, 3)
    torch.testing.assert_close(shifted(image, shift, flipped), sampled(image, to_input), rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(1, 31, 31), (3, 64, 64), (48, 24, 40)])
def test_images_on_the_cpu_move_to_the_pixels_of_grid_sample(shape):
    """Both round exact numbers of 32 bits, so now and then to different gray levels, and never to distant ones."""
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (12, *shape), generator=generator, dtype=torch.uint8)
    angle = 0.6 * torch.rand(12, generator=generator) - 0.3
    scale = 0.7 + 0.6 * torch.rand(12, generator=generator)
    x, y = 0.4 * torch.rand(2, 12, generator=generator) - 0.2
    cos, sin = angle.cos() / scale, angle.sin() / scale
    to_input = torch.stack([cos, -sin, x, sin, cos, y], dim=1).view(12, 2, 3)
    to_input[::3, :, 0] *= -1
    grid = nn.functional.affine_grid(to_input, [12, *shape], align_corners=False)
    expected = nn.functional.grid_sample(image.float(), grid, padding_mode="reflection", align_corners=False)
    difference = (sampled(image, to_input).float() - expected.round()).abs()
    assert difference.max() <= 1
    assert (difference > 0).double().mean() < 0.001


def test_an_image_that_does_not_move_is_copied():
    image = torch.randint(0, 256, (2, 3, 20, 20), dtype=torch.uint8)
    found = sampled(image.permute(0, 1, 3, 2), torch.eye(2, 3).expand(2, 2, 3))
    assert torch.equal(found, image.mT)
    found.zero_()
    assert image.any()


def test_squares_say_how_they_moved():
    image = torch.randint(0, 256, (6, 3, 12, 15), dtype=torch.uint8)
    top, left = torch.tensor([2, 4, 0, 1, 3, 0]), torch.tensor([5, 7, 3, 2, 1, 7])
    flipped = torch.tensor([True, False, True, False, True, False])
    found, motion = windows(image, top, left, 8, flipped, torch.eye(2, 3).expand(6, 2, 3))
    for one, seen, moved in zip(image, found, motion, strict=True):
        x, y = (moved[:, :2] @ torch.tensor([8.0, 5.0]) + moved[:, 2]).int().tolist()
        assert torch.equal(seen[:, y, x], one[:, 5, 8])
