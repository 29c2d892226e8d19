import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.ops.motion import MIRRORED_68
from fercli.ops.patches import CORNERS, DIRECT, MIDPOINTS, NUM_PATCHES, USED, PatchRule, cut_windows, window_starts

PRINTED = [18, 19, 20, 22, 23, 25, 26, 27, 28, 30, 37, 38, 39, 41, 42, 44, 45, 46, 47, 48, 49, 51, 53, 55, 57, 59]
MIRRORED_PATCHES = [
    (1, 4),
    (2, 3),
    (5, 7),
    (6, 8),
    (11, 14),
    (12, 13),
    (15, 16),
    (17, 19),
    (18, 20),
    (21, 22),
    (23, 24),
]


def face(**points):
    """(1, 68, 2) landmarks, all at (0, 0) but those given as p49=(80, 160)."""
    landmarks = torch.zeros(1, 68, 2, dtype=torch.float64)
    for name, point in points.items():
        landmarks[0, int(name[1:]) - 1] = torch.tensor(point, dtype=torch.float64)
    return landmarks


def random_faces(n=40):
    return 224 * torch.rand(n, 68, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def mirrored(landmarks):
    return (torch.tensor([224.0, 0]) + landmarks * torch.tensor([-1.0, 1.0]))[:, MIRRORED_68]


def unlike_mirrored(rule):
    """Numbers of the patches whose window on the mirrored face is not the mirrored window of their counterpart."""
    landmarks = random_faces()
    starts = window_starts(rule.centers(landmarks))
    found = window_starts(rule.centers(mirrored(landmarks)))
    counterpart = {a: b for pair in MIRRORED_PATCHES for a, b in (pair, pair[::-1])}
    return [
        j
        for j in range(1, NUM_PATCHES + 1)
        if (found[:, counterpart.get(j, j) - 1, 0] != 22 - starts[:, j - 1, 0]).any()
        or (found[:, counterpart.get(j, j) - 1, 1] != starts[:, j - 1, 1]).any()
    ]


def test_the_patches_use_the_26_printed_points():
    members = {number for pair in MIDPOINTS for number in pair}
    assert sorted({*DIRECT, *members}) == PRINTED == list(USED)
    assert len(DIRECT) == 16
    assert set(CORNERS) <= set(DIRECT)


def test_patches_at_and_beside_the_corners_of_the_mouth():
    landmarks = face(p49=(80, 160), p55=(144, 160))
    centers = PatchRule().centers(landmarks)
    assert centers[0, 22:].tolist() == [[64, 144], [160, 144]]
    starts = window_starts(centers)[0].tolist()
    assert [starts[number - 1] for number in (23, 24)] == [[5, 15], [17, 15]]
    assert [starts[DIRECT.index(number)] for number in (49, 55)] == [[7, 17], [15, 17]]


def test_the_printed_shift_puts_the_right_patch_into_the_mouth():
    centers = PatchRule(right_corner_dx=-16).centers(face(p49=(80, 160), p55=(144, 160)))
    assert centers[0, 23].tolist() == [128, 144]
    assert window_starts(centers)[0, 23].tolist() == [13, 15]


def test_midpoints():
    centers = PatchRule().centers(face(p20=(10, 20), p38=(30, 60), p27=(100, 50), p57=(50, 150)))
    assert centers[0, 16].tolist() == [20, 40]
    assert centers[0, 21].tolist() == [75, 100]


def test_all_centers_by_a_loop():
    landmarks = random_faces(3)
    for points, found in zip(landmarks.numpy(), PatchRule().centers(landmarks).numpy(), strict=True):
        expected = [points[number - 1] for number in DIRECT]
        expected += [(points[a - 1] + points[b - 1]) / 2 for a, b in MIDPOINTS]
        expected += [points[48] + (-16, -16), points[54] + (16, -16)]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_brows_can_be_lifted_and_shifts_scale_with_the_image():
    landmarks = random_faces(2)
    moved = PatchRule(corner_offset_px=14, right_corner_dx=14, brow_lift_px=4).centers(landmarks, size=112)
    shift = moved - PatchRule(corner_offset_px=0, right_corner_dx=0).centers(landmarks)
    expected = torch.zeros(24, 2, dtype=torch.float64)
    expected[:4, 1] = -2
    expected[22:] = torch.tensor([[-7.0, -7], [7, -7]])
    torch.testing.assert_close(shift, expected.expand(2, 24, 2))


def test_window_starts_at_the_border():
    u = torch.tensor([0.0, 8, 16, 24, 200, 212, 216, 223])
    starts = window_starts(torch.stack([u, u], dim=1)[None])[0, :, 0]
    assert starts.tolist() == [-3, -2, -1, 0, 22, 24, 24, 25]


def test_a_mirrored_face_has_mirrored_windows():
    assert unlike_mirrored(PatchRule()) == []


def test_with_the_printed_shift_the_patches_beside_the_mouth_are_not_mirrored():
    assert unlike_mirrored(PatchRule(right_corner_dx=-16)) == [23, 24]


def window_by_loops(map, x0, y0):
    channels, height, width = map.shape
    window = np.zeros((channels, 6, 6))
    for row in range(6):
        for column in range(6):
            y, x = y0 + row, x0 + column
            if 0 <= y < height and 0 <= x < width:
                window[:, row, column] = map[:, y, x]
    return window


@given(st.integers(0, 999), st.integers(1, 9), st.integers(1, 9))
def test_windows_by_loops(seed, height, width):
    generator = np.random.default_rng(seed)
    map = generator.normal(size=(2, 3, height, width))
    starts = generator.integers(-20, 20, (2, 4, 2))
    found = cut_windows(torch.from_numpy(map), torch.from_numpy(starts)).numpy()
    for b in range(2):
        for j in range(4):
            np.testing.assert_array_equal(found[b, j], window_by_loops(map[b], *starts[b, j]))


def test_what_lies_outside_of_the_map_is_zero():
    left, right = cut_windows(torch.ones(1, 2, 28, 28), torch.tensor([[[-3, 5], [25, 5]]]))[0]
    assert left[:, :, :3].eq(0).all()
    assert left[:, :, 3:].eq(1).all()
    assert right[:, :, 3:].eq(0).all()
    assert right[:, :, :3].eq(1).all()


def test_each_cell_gets_the_gradient_of_every_window_that_covers_it():
    map = torch.zeros(1, 1, 10, 10, dtype=torch.float64, requires_grad=True)
    cut_windows(map, torch.tensor([[[0, 0], [2, -3], [30, 30]]])).sum().backward()
    expected = np.zeros((10, 10))
    expected[0:6, 0:6] += 1
    expected[0:3, 2:8] += 1
    np.testing.assert_array_equal(map.grad[0, 0].numpy(), expected)


def test_centers_take_no_gradient():
    landmarks = random_faces(1).requires_grad_()
    assert not PatchRule().centers(landmarks).requires_grad


@pytest.mark.parametrize("scale", [1 / 8, 1 / 16])
def test_windows_lie_around_their_centers(scale):
    centers = torch.tensor([[[96.0, 128.0]]])
    assert (window_starts(centers, scale)[0, 0] + 3).tolist() == [96 * scale, 128 * scale]
