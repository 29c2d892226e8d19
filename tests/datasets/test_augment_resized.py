import math

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import CenterCrop, Resize
from torchvision.transforms.v2 import RandomResizedCrop as LibraryCrop

from fercli.batch import Batch
from fercli.datasets.augment import Jitter, Plain, TenCrop
from fercli.datasets.augment_resized import RandomResizedCrop, drawn_parts, middle_squares
from fercli.datasets.images import stacked
from fercli.errors import ConfigError

IDENTITY = {"mean": [0.0], "std": [1 / 255]}  # normalized values are the stored ones


def shown(augment, image, extent=None):
    return augment(Batch([], image, extent=extent)).image.round().to(torch.uint8)


def extents(height, width, num_images):
    return torch.tensor([height, width]).expand(num_images, 2)


@pytest.mark.parametrize(("height", "width"), [(100, 100), (256, 341), (400, 256), (60, 61)])
def test_parts_are_drawn_as_torchvision_draws_them(height, width):
    """In the mean and the spread of area, ratio and place, within five standard errors."""
    torch.manual_seed(0)
    n = 4000
    ours = drawn_parts(extents(height, width, n), 0.16, 1.0).double()
    library = [LibraryCrop(8, (0.16, 1)).make_params([torch.empty(1, height, width)]) for _ in range(n)]
    theirs = torch.tensor([[p["top"], p["left"], p["height"], p["width"]] for p in library]).double()
    for describe in (
        lambda part: part[:, 2] * part[:, 3] / (height * width),
        lambda part: (part[:, 3] / part[:, 2]).log(),
        lambda part: part[:, 0] / (height - part[:, 2]).clamp(min=1),
        lambda part: part[:, 1] / (width - part[:, 3]).clamp(min=1),
    ):
        a, b = describe(ours), describe(theirs)
        error = math.sqrt((a.var() + b.var()) / n)
        assert abs(a.mean() - b.mean()) < 5 * error
        assert a.std() == pytest.approx(b.std().item(), rel=0.08)


@pytest.mark.parametrize(("height", "width"), [(7, 7), (1, 1), (3, 300), (300, 3), (97, 41)])
def test_parts_lie_within_their_image(height, width):
    torch.manual_seed(1)
    top, left, h, w = drawn_parts(extents(height, width, 500), 0.16, 1.0).T
    assert (torch.stack([top, left]) >= 0).all()
    assert (torch.stack([h, w]) >= 1).all()
    assert (top + h <= height).all()
    assert (left + w <= width).all()


def test_an_image_without_a_part_that_fits_gives_its_middle():
    """The whole of an image ten times as wide as high has no ratio within 3 / 4 and 4 / 3."""
    torch.manual_seed(2)
    assert drawn_parts(extents(30, 300, 5), 1, 1).tolist() == [[0, 130, 30, 40]] * 5
    assert drawn_parts(extents(300, 30, 5), 1, 1).tolist() == [[130, 0, 40, 30]] * 5
    library = LibraryCrop(8, (1, 1)).make_params([torch.empty(1, 30, 300)])
    assert [library[side] for side in ("top", "left", "height", "width")] == [0, 130, 30, 40]


def test_in_testing_it_is_the_middle_of_the_resized_image():
    """As `Resize` and `CenterCrop` of the cited code: no pixel is resampled where the stored shorter side is 256."""
    photographs = [torch.randint(256, (3, h, w), dtype=torch.uint8) for h, w in ((256, 341), (300, 256), (256, 256))]
    canvas, extent = stacked(photographs)
    augment = RandomResizedCrop(227, [0.0] * 3, [1 / 255] * 3).eval()
    for found, photograph in zip(shown(augment, canvas, extent), photographs, strict=True):
        assert torch.equal(Resize(256)(photograph), photograph)
        assert torch.equal(found, CenterCrop(227)(photograph))


def test_middle_squares_are_those_of_torchvision():
    for height, width in ((256, 341), (256, 340), (301, 256), (256, 256)):
        top, left, side, same = middle_squares(extents(height, width, 1), 227 / 256)[0].tolist()
        image = torch.arange(height * width).view(1, height, width)
        assert side == same == 227
        assert torch.equal(image[:, top : top + side, left : left + side], CenterCrop(227)(image))


@pytest.mark.parametrize("training", [True, False])
def test_nothing_beyond_an_image_is_seen(training):
    """Two white images of different shapes on a black canvas stay white."""
    torch.manual_seed(3)
    whites = [torch.full((1, h, w), 255, dtype=torch.uint8) for h, w in ((20, 60), (50, 20))]
    canvas, extent = stacked(whites * 20)
    assert not canvas.all()
    assert (shown(RandomResizedCrop(16, **IDENTITY).train(training), canvas, extent) == 255).all()


def test_every_part_of_an_image_is_seen_while_training():
    torch.manual_seed(4)
    image = torch.zeros(1, 1, 20, 60, dtype=torch.uint8)
    image[..., :2] = image[..., -2:] = 255
    seen = shown(RandomResizedCrop(16, **IDENTITY), image.expand(400, -1, -1, -1))
    bright = seen.amax(2)[:, 0] > 100  # columns
    assert bright[:, 0].any()
    assert bright[:, -1].any()
    assert not bright[:, 5:11].any()


def test_half_of_the_images_are_flipped():
    torch.manual_seed(5)
    image = torch.arange(0, 240, 4, dtype=torch.uint8).expand(2000, 1, 60, 60)
    for flip, share in ((0.5, 0.5), (0.0, 0.0), (1.0, 1.0)):
        seen = shown(RandomResizedCrop(16, **IDENTITY, flip=flip), image).int()
        assert (seen[..., 0] > seen[..., -1]).all(2).double().mean().item() == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("training", [True, False])
def test_landmarks_move_with_their_image(training):
    """A bright dot is seen where the first landmark, put on it, has moved to; landmark 16 is the first one mirrored."""
    torch.manual_seed(6)
    image = torch.zeros(60, 1, 90, 120, dtype=torch.uint8)
    image[:, :, 43:48, 58:63] = 255
    landmarks = torch.full((60, 68, 2), torch.nan)
    landmarks[:, [0, 16]] = torch.tensor([60.0, 45.0])
    found = RandomResizedCrop(64, **IDENTITY, scale=(0.6, 1.0)).train(training)(Batch([], image, landmarks=landmarks))
    weight = found.image[:, 0].double()
    inside = weight.sum((1, 2)) > 0
    assert inside.double().mean() > 0.8
    x, y = (weight.sum(axis) @ torch.arange(64.0, dtype=torch.float64) / weight.sum((1, 2)) for axis in (1, 2))
    whole = inside & (weight[:, [0, -1]].sum((1, 2)) == 0) & (weight[:, :, [0, -1]].sum((1, 2)) == 0)
    np.testing.assert_allclose(found.landmarks[whole, 0, 0], x[whole], atol=0.15)
    np.testing.assert_allclose(found.landmarks[whole, 0, 1], y[whole], atol=0.15)


def test_the_same_seed_draws_the_same():
    image, augment = torch.randint(256, (4, 1, 40, 50), dtype=torch.uint8), RandomResizedCrop(16, **IDENTITY)
    torch.manual_seed(7)
    first = shown(augment, image)
    torch.manual_seed(7)
    assert torch.equal(shown(augment, image), first)
    assert not torch.equal(shown(augment, image), first)


@pytest.mark.parametrize("augment", [Plain(8, **IDENTITY), Jitter(8, **IDENTITY), TenCrop(8, **IDENTITY, resize=9)])
def test_augmentations_of_one_shape_refuse_images_of_several(augment):
    canvas, extent = stacked([torch.zeros(1, 10, 20, dtype=torch.uint8), torch.zeros(1, 20, 10, dtype=torch.uint8)])
    with pytest.raises(ConfigError, match=r"use augment=resized_crop, or prepare the data with crop.fit=long"):
        augment(Batch([], canvas, extent=extent))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": (0, 1)}, r"augment.scale as two shares above 0 and at most 1, found \[0, 1\]"),
        ({"scale": (0.5, 0.4)}, "augment.scale as two shares"),
        ({"scale": (0.5,)}, "augment.scale as two shares"),
        ({"flip": 1.5}, "augment.flip as a probability from 0 to 1, found 1.5"),
        ({"middle": 0}, "augment.middle above 0 and at most 1, found 0"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        RandomResizedCrop(8, **IDENTITY, **options)
