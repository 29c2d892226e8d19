import time

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as F

from fercli.batch import Batch
from fercli.datasets.augment import Jitter, Plain, TenCrop
from fercli.errors import ConfigError

IDENTITY = {"mean": [0.0], "std": [1 / 255]}  # normalized values are the stored ones


def pixels(height, width=None, num_images=1):
    """Images whose values name their pixel, as far as 256 numbers go."""
    width = width or height
    image = (torch.arange(height)[:, None] * 16 + torch.arange(width)).to(torch.uint8)
    return image.expand(num_images, 1, height, width).contiguous()


def shown(augment, image):
    return augment(Batch([], image)).image.round().to(torch.uint8)


@pytest.mark.parametrize(
    ("resize", "size", "corners"),
    [
        (100, 90, [(5, 5), (0, 0), (0, 10), (10, 0), (10, 10)]),
        (256, 224, [(16, 16), (0, 0), (0, 32), (32, 0), (32, 32)]),
    ],
)
def test_offsets_of_the_paper(resize, size, corners):
    assert TenCrop(size, resize=resize, **IDENTITY).corners(resize, resize) == corners


def test_each_of_the_ten_views_comes_equally_often():
    torch.manual_seed(0)
    image = pixels(12, num_images=20_000)
    augment = TenCrop(10, resize=12, **IDENTITY)
    crops = [image[0, :, top : top + 10, left : left + 10] for top, left in augment.corners(12, 12)]
    views = torch.stack([view for crop in crops for view in (crop, crop.flip(-1))])
    matches = (shown(augment, image)[:, None] == views[None]).flatten(2).all(2)
    assert (matches.sum(1) == 1).all()
    # Five standard errors of a share of 0.1 among 20,000.
    np.testing.assert_allclose(matches.double().mean(0), 0.1, atol=0.011)


def test_ten_crop_tests_on_the_center():
    augment = TenCrop(10, resize=12, **IDENTITY).eval()
    image = pixels(12, num_images=3)
    assert torch.equal(shown(augment, image), image[:, :, 1:11, 1:11])


def test_ten_crop_resizes_the_shorter_side():
    augment = TenCrop(10, resize=12, **IDENTITY)
    assert shown(augment, pixels(24, 36)).shape == (1, 1, 10, 10)
    resized = F.resize(pixels(24, 36), [12], antialias=True)
    assert resized.shape[-2:] == (12, 18)
    assert torch.equal(shown(augment.eval(), pixels(24, 36)), resized[:, :, 1:11, 4:14])


def test_every_shift_and_flip_comes_equally_often():
    torch.manual_seed(0)
    image = pixels(8, num_images=18_000)
    padded = np.pad(image[0, 0].numpy(), 1, mode="symmetric")
    windows = [torch.from_numpy(padded[top : top + 8, left : left + 8]) for top in range(3) for left in range(3)]
    views = torch.stack([view for window in windows for view in (window, window.flip(-1))])[:, None]
    matches = (shown(Jitter(8, shift=1, **IDENTITY), image)[:, None] == views[None]).flatten(2).all(2)
    assert (matches.sum(1) == 1).all()
    np.testing.assert_allclose(matches.double().mean(0), 1 / 18, atol=0.009)


@pytest.mark.parametrize("degrees", [10, 30])
def test_a_turn_is_by_the_drawn_angle_about_the_middle(degrees):
    """A bright spot right of the middle lands on a circle, no further than the largest angle from where it was."""
    torch.manual_seed(0)
    image = torch.zeros(500, 1, 65, 65, dtype=torch.uint8)
    image[:, :, 31:34, 51:54] = 250  # 20 pixels from the middle
    moved = shown(Jitter(65, rotation=degrees, **IDENTITY), image)[:, 0].double()
    mass = moved.sum((1, 2))
    place = torch.arange(65, dtype=torch.float64) - 32
    y, x = (moved.sum(2) * place).sum(1) / mass, (moved.sum(1) * place).sum(1) / mass
    np.testing.assert_allclose(torch.hypot(x, y), 20, atol=0.15)
    angles = torch.rad2deg(torch.atan2(y, x.abs()))
    assert degrees - 3 < angles.abs().max() <= degrees + 0.5
    assert abs(angles.mean()) < degrees / 8
    assert 0.4 < (x > 0).double().mean() < 0.6  # half of them are flipped as well


def test_scaling_keeps_the_middle():
    torch.manual_seed(0)
    image = torch.zeros(500, 1, 65, 65, dtype=torch.uint8)
    image[:, :, 22:43, 22:43] = 250  # a square of 21 pixels
    sides = (shown(Jitter(65, scale=0.2, **IDENTITY), image).double().sum((1, 2, 3)) / 250).sqrt()
    assert 16.5 < sides.min() < 17.5
    assert 24.5 < sides.max() < 25.5


def test_colors_change_per_image_and_only_in_training():
    torch.manual_seed(0)
    image = torch.tensor([200, 100, 50], dtype=torch.uint8)[None, :, None, None].expand(30, 3, 8, 8).contiguous()
    augment = Jitter(8, [0.0] * 3, [1 / 255] * 3, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.05)
    values = shown(augment, image)[:, :, 0, 0]
    assert len(values.unique(dim=0)) == 30
    assert torch.equal(shown(augment.eval(), image), image)


def test_a_mask_moves_as_its_image_does():
    torch.manual_seed(0)
    image = torch.randint(256, (40, 1, 16, 16), dtype=torch.uint8)
    augment = Jitter(16, shift=3, rotation=20, scale=0.1, brightness=0.0, **IDENTITY)
    batch = Batch([], image, mask=image[:, 0], landmarks=torch.zeros(40, 68, 2))
    moved = augment(batch)
    assert torch.equal(moved.image.round()[:, 0], (moved.mask * 255).round())
    moved = Jitter(16, brightness=1.0, **IDENTITY)(batch)
    mask = (moved.mask * 255).round().to(torch.uint8)[:, None]
    assert not torch.equal(moved.image.round().to(torch.uint8), mask)
    flipped = (mask == image.flip(-1)).flatten(1).all(1)
    assert torch.equal(mask, torch.where(flipped[:, None, None, None], image.flip(-1), image))


def test_a_mask_is_unknown_without_landmarks():
    landmarks = torch.zeros(2, 68, 2)
    landmarks[1] = torch.nan
    mask = torch.full((2, 8, 8), 255, dtype=torch.uint8)
    found = Plain(8, **IDENTITY)(Batch(["a", "b"], pixels(8, num_images=2), landmarks=landmarks, mask=mask)).mask
    assert (found[0] == 1).all()
    assert found[1].isnan().all()


def test_every_mask_is_unknown_where_no_image_has_landmarks():
    mask = torch.full((2, 8, 8), 255, dtype=torch.uint8)
    found = Plain(8, **IDENTITY)(Batch(["a", "b"], pixels(8, num_images=2), mask=mask)).mask
    assert found.isnan().all()


def test_the_largest_shift_is_mirrored_at_the_border():
    torch.manual_seed(0)
    image = pixels(4, num_images=2000)
    padded = np.pad(image[0, 0].numpy(), 3, mode="symmetric")
    windows = [padded[top : top + 4, left : left + 4] for top in range(7) for left in range(7)]
    known = {view.tobytes() for window in windows for view in (window, window[:, ::-1].copy())}
    assert {view.numpy().tobytes() for view in shown(Jitter(4, shift=3, **IDENTITY), image)} == known


def test_a_change_alone_makes_no_other_and_leaves_the_augmentation_as_it_is():
    torch.manual_seed(0)
    image = torch.randint(256, (60, 1, 16, 16), dtype=torch.uint8)
    augment = Jitter(16, shift=3, brightness=0.5, **IDENTITY)
    alone = augment.alone()
    assert list(alone) == ["flip", "shift", "brightness"]
    flipped = shown(alone["flip"], image)
    same = (flipped == image).flatten(1).all(1)
    assert 15 < same.sum() < 45
    assert torch.equal(flipped[~same], image[~same].flip(-1))
    moved = shown(alone["shift"], image)[:, 0]
    padded = np.pad(image[:, 0].numpy(), [(0, 0), (3, 3), (3, 3)], mode="symmetric")
    windows = np.stack([padded[:, top : top + 16, left : left + 16] for top in range(7) for left in range(7)])
    assert (windows == moved.numpy()).all((2, 3)).any(0).all()
    lighter = shown(alone["brightness"], image).double()
    factors = lighter.flatten(1).sum(1) / image.double().flatten(1).sum(1)
    assert ((factors > 0.49) & (factors < 1.51)).all()
    assert not torch.equal(lighter, image.double())
    assert augment.only is None


def test_all_changes_together_are_drawn_as_before_whatever_was_drawn_alone():
    augment, image = Jitter(8, shift=2, **IDENTITY), pixels(8, num_images=20)
    views = []
    for _ in range(2):
        torch.manual_seed(3)
        views.append(shown(augment, image))
        augment.alone()
    assert torch.equal(*views)


@pytest.mark.parametrize("augment", [Plain(8, **IDENTITY), Jitter(8, shift=2, **IDENTITY)])
def test_evaluation_sees_the_whole_image(augment):
    image = pixels(8, num_images=2)
    assert torch.equal(shown(augment.eval(), image), image)


def test_plain_is_not_random():
    image = pixels(8)
    assert torch.equal(shown(Plain(8, **IDENTITY), image), image)


def test_the_stored_images_stay_as_they_are():
    image = pixels(8)
    shown(Jitter(8, shift=2, **IDENTITY), image)
    assert torch.equal(image, pixels(8))


def test_normalization_is_per_channel():
    image = torch.tensor([51, 102, 255], dtype=torch.uint8)[None, :, None, None].expand(2, 3, 5, 5)
    found = Plain(4, mean=[0.2, 0.2, 0.5], std=[1, 0.5, 0.25])(Batch([], image)).image
    assert found.shape == (2, 3, 4, 4)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found[0, :, 0, 0], torch.tensor([0.0, 0.4, 2.0]))


def test_the_same_seed_draws_the_same_views():
    augment, image = Jitter(8, shift=2, **IDENTITY), pixels(8, num_images=50)
    views = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        views.append(shown(augment, image))
    assert torch.equal(views[0], views[1])
    assert not torch.equal(views[0], views[2])


def test_a_batch_takes_milliseconds():
    image = torch.randint(256, (64, 3, 48, 48), dtype=torch.uint8)
    augment = Jitter(64, [0.5] * 3, [0.25] * 3, shift=4)
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        augment(Batch([], image))
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.05  # about 0.004 on an idle core


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: TenCrop(90, resize=80, **IDENTITY), r"resize of at least augment.size \(90\), found 80"),
        (lambda: Jitter(8, shift=8, **IDENTITY), "between 0 and 7, .* found 8"),
        (lambda: Jitter(8, scale=1, **IDENTITY), "scale of at least 0 and less than 1, found 1"),
        (lambda: Jitter(8, hue=0.7, **IDENTITY), "augment refuses its options: .*hue"),
        (
            lambda: shown(Plain(8, **IDENTITY), torch.zeros(1, 3, 8, 8, dtype=torch.uint8)),
            "3 channels, augment.mean has 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ConfigError, match=message):
        build()
