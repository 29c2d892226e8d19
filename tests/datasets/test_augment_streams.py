import numpy as np
import pytest
import torch

from fercli.batch import Batch
from fercli.datasets.augment import Jitter, Plain
from fercli.datasets.augment_streams import CropFlipTurn, PadCrop
from fercli.datasets.hidden_face import hide_face
from fercli.errors import ConfigError

GRAY = {"mean": [0.0], "std": [1 / 255]}


def random_images(*shape):
    return torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "augment", [Plain(16, **GRAY), Jitter(16, shift=2, rotation=10, **GRAY), CropFlipTurn(16, **GRAY)]
)
def test_all_frames_of_a_clip_move_alike(augment):
    torch.manual_seed(0)
    frame = random_images(5, 1, 20, 20)
    clip = augment(Batch([], torch.stack([frame] * 4, dim=1))).image
    assert clip.shape == (5, 4, 1, 16, 16)
    assert torch.equal(clip, clip[:, :1].expand_as(clip))


def test_colors_of_a_clip_change_alike():
    torch.manual_seed(0)
    clip = random_images(3, 1, 3, 8, 8).expand(3, 4, 3, 8, 8)
    seen = Jitter(8, [0.0] * 3, [1 / 255] * 3, brightness=0.5)(Batch([], clip)).image
    assert torch.equal(seen, seen[:, :1].expand_as(seen))


def test_a_face_is_padded_cropped_and_flipped():
    torch.manual_seed(0)
    face = random_images(1, 1, 6, 6)
    seen = PadCrop(6, pad=1, **GRAY)(Batch([], face.expand(6000, 1, 6, 6))).image.round().to(torch.uint8)
    padded = np.pad(face[0, 0].numpy(), 1)
    crops = [torch.from_numpy(padded[top : top + 6, left : left + 6]) for top in range(3) for left in range(3)]
    views = torch.stack([view for crop in crops for view in (crop, crop.flip(-1))])[:, None]
    matches = (seen[:, None] == views[None]).flatten(2).all(2)
    assert (matches.sum(1) == 1).all()
    np.testing.assert_allclose(matches.double().mean(0), 1 / 18, atol=0.015)  # five standard errors


def test_the_scene_is_mirrored_with_its_face_and_cropped_on_its_own():
    torch.manual_seed(0)
    face, scene = random_images(1, 1, 6, 6), random_images(1, 1, 6, 8)
    batch = Batch([], face.expand(500, 1, 6, 6), context=scene.expand(500, 1, 6, 8))
    seen = PadCrop(6, pad=0, **GRAY)(batch)
    flipped = (seen.image.round() == face.flip(-1)).flatten(1).all(1)
    crops = torch.stack([scene[0, :, :, left : left + 6] for left in range(3)])
    views = torch.stack([crops, crops.flip(-1)])
    matches = (seen.context.round()[:, None] == views[flipped.long()]).flatten(2).all(2)
    assert (matches.sum(1) == 1).all()
    np.testing.assert_allclose(matches.double().mean(0), 1 / 3, atol=0.11)
    assert 0.4 < flipped.double().mean() < 0.6


@pytest.mark.parametrize("augment", [PadCrop(6, pad=1, **GRAY), Jitter(6, shift=1, **GRAY), CropFlipTurn(6, **GRAY)])
def test_the_scenes_of_a_clip_move_alike_and_are_mirrored_with_its_faces(augment):
    torch.manual_seed(0)
    face, scene = random_images(40, 1, 6, 6), random_images(40, 1, 6, 8)
    clips = Batch([], torch.stack([face] * 3, 1), context=torch.stack([scene] * 3, 1))
    seen = augment(clips).context
    assert seen.shape == (40, 3, 1, 6, 6)
    assert torch.equal(seen, seen[:, :1].expand_as(seen))
    if isinstance(augment, CropFlipTurn):
        return  # its faces are turned as well, which tells less of a flip
    torch.manual_seed(0)
    assert torch.equal(seen[:, 0], augment(Batch([], face, context=scene)).context)


def test_a_face_that_is_hidden_in_its_scene_is_so_after_the_augmentation():
    """The black box moves with the scene: a mirrored scene has it mirrored."""
    torch.manual_seed(0)
    scene = torch.full((60, 1, 6, 6), 200, dtype=torch.uint8)
    for one in scene:
        hide_face(one, (0.0, 1.0, 1.0, 3.0))
    seen = PadCrop(6, pad=0, **GRAY)(Batch([], random_images(1, 1, 6, 6).expand(60, 1, 6, 6), context=scene))
    flipped = (seen.image.round() != seen.image[0].round()).flatten(1).any(1)
    black = seen.context.round() == 0
    assert 0 < flipped.sum() < 60
    assert all(
        torch.equal(box, black[0].flip(-1) if mirrored else black[0])
        for box, mirrored in zip(black, flipped, strict=True)
    )
    assert black[0].sum() == 6


def test_the_scene_in_testing_is_its_middle_as_the_source_crops_it():
    scene = random_images(2, 1, 128, 171)
    seen = PadCrop(112, **GRAY).eval()(Batch([], random_images(2, 1, 112, 112), context=scene))
    assert torch.equal(seen.context.round().to(torch.uint8), scene[:, :, 8:120, 29:141])


def test_a_scene_under_an_augmentation_of_single_images_is_its_middle_square():
    batch = Batch([], random_images(3, 1, 12, 12), context=random_images(3, 1, 12, 18))
    seen = Plain(12, **GRAY)(batch)
    assert torch.equal(seen.context.round().to(torch.uint8), batch.context[..., 3:15])


def test_a_clip_is_flipped_or_turned_or_neither():
    torch.manual_seed(0)
    image = random_images(1, 1, 8, 8).expand(4000, 1, 1, 8, 8)
    seen = CropFlipTurn(8, crop=1.0, **GRAY)(Batch([], image)).image.round().to(torch.uint8)
    same = (seen == image).flatten(1).all(1).double().mean()
    flipped = (seen == image.flip(-1)).flatten(1).all(1).double().mean()
    assert abs(flipped - 0.25) < 0.035
    assert 0.46 < same < 0.56  # a turn by a fraction of a degree changes nothing either


def test_a_clip_is_tested_on_its_middle():
    clip = random_images(1, 2, 1, 256, 256)
    seen = CropFlipTurn(224, **GRAY).eval()(Batch([], clip)).image
    assert torch.equal(seen.round().to(torch.uint8), clip[..., 16:240, 16:240])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PadCrop(8, pad=-1, **GRAY), "expected augment.pad of at least 0, found -1"),
        (lambda: CropFlipTurn(8, crop=1.5, **GRAY), "expected augment.crop above 0 and at most 1, found 1.5"),
        (lambda: CropFlipTurn(8, flip=0.7, turn=0.5, **GRAY), "at most 1 together, found 0.7 and 0.5"),
    ],
)
def test_options_out_of_range_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
