import numpy as np
import pytest
import torch

from fercli.ops.windows import BLACK, MIRROR, MIRROR_ALL, cut_by_number, cut_on_cpu

# Within the image of 12 x 15 pixels, partly beyond it, and almost beyond it.
TOP, LEFT = torch.tensor([2, -3, 6, -7, 8, 0]), torch.tensor([5, 9, -2, 12, -7, 0])
FLIPPED = torch.tensor([True, False, True, False, True, False])


@pytest.mark.parametrize("last", [True, False], ids=["channels last", "channels first"])
@pytest.mark.parametrize("channels", [1, 3, 6])
@pytest.mark.parametrize("way", [cut_on_cpu, cut_by_number])
@pytest.mark.parametrize(
    ("beyond", "mode"),
    [(MIRROR, "reflect"), (MIRROR_ALL, "symmetric"), (BLACK, "constant")],
    ids=["101", "all", "black"],
)
def test_windows_show_the_image_and_what_is_beyond_its_border(beyond, mode, way, channels, last):
    image = torch.randint(0, 256, (6, channels, 12, 15), dtype=torch.uint8)
    given = image.movedim(1, -1).contiguous().movedim(-1, 1) if last else image
    found = way(given, TOP, LEFT, (8, 9), FLIPPED, beyond)
    padded = np.pad(image.numpy(), ((0, 0), (0, 0), (9, 9), (9, 9)), mode=mode)
    for one, seen, y, x, flip in zip(padded, found, TOP + 9, LEFT + 9, FLIPPED, strict=True):
        expected = one[:, y : y + 8, x : x + 9]
        np.testing.assert_array_equal(seen.numpy(), expected[:, :, ::-1] if flip else expected)
    assert torch.equal(given, image)


@pytest.mark.parametrize("way", [cut_on_cpu, cut_by_number])
def test_a_window_beyond_its_image_is_black(way):
    image = torch.full((4, 3, 6, 6), 7, dtype=torch.uint8)
    top, left = torch.tensor([-8, 0, 9, 20]), torch.tensor([0, -8, 9, -30])
    assert not way(image, top, left, (6, 6), torch.ones(4).bool(), BLACK).any()
