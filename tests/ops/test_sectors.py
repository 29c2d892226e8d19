import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.ops.sectors import sector

POINTS = [
    *[(0.5, 0.1), (0.5, 0.6), (0.1, 0.5), (-0.1, 0.5), (-0.5, 0.5)],
    *[(-0.5, -0.1), (-0.1, -0.5), (0.1, -0.5), (0.5, -0.1), (0, 0)],
]
COMPASS = torch.tensor([(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)], dtype=torch.float64)
NUMBERS = [4, 8, 12]


@pytest.mark.parametrize(
    ("num_sectors", "expected"),
    [
        (2, [1, 1, 1, 0, 0, 0, 0, 1, 1, 1]),
        (4, [0, 0, 0, 1, 1, 2, 2, 3, 3, 0]),
        (8, [0, 1, 1, 2, 3, 4, 5, 6, 7, 0]),
        (12, [0, 1, 2, 3, 4, 6, 8, 9, 11, 0]),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_values(num_sectors, expected, dtype):
    found = sector(torch.tensor(POINTS, dtype=dtype), num_sectors)
    assert found.dtype == torch.int64
    assert found.tolist() == expected


@pytest.mark.parametrize("num_sectors", NUMBERS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_axes_and_diagonals_begin_a_sector_or_lie_in_its_middle(num_sectors, dtype):
    for scale in (1e-3, 0.1, 0.3, 0.7, 1):
        expected = [math.floor(num_sectors * eighth / 8) for eighth in range(8)]
        assert sector((scale * COMPASS).to(dtype), num_sectors).tolist() == expected


@pytest.mark.parametrize("num_sectors", NUMBERS)
def test_signs_of_zero_make_no_difference(num_sectors):
    zeros = torch.tensor([(0.0, 0.0), (-0.0, 0.0), (0.0, -0.0), (-0.0, -0.0)])
    assert sector(zeros, num_sectors).tolist() == [0, 0, 0, 0]
    assert sector(torch.tensor([(0.5, -0.0), (-0.5, -0.0)]), num_sectors).tolist() == [0, num_sectors // 2]


def test_halves_by_the_sign_of_zero():
    assert sector(torch.tensor([(0.0, 1.0), (-0.0, -1.0), (-1e-9, 0.0)]), 2).tolist() == [1, 1, 0]


@pytest.mark.parametrize("num_sectors", NUMBERS)
def test_just_below_the_axis_is_in_the_last_sector(num_sectors):
    assert sector(torch.tensor([(1.0, -1e-20)]), num_sectors).tolist() == [num_sectors - 1]


def test_no_points():
    assert sector(torch.zeros(0, 2), 8).tolist() == []


@given(angle=st.floats(0.001, 6.28), radius=st.floats(1e-3, 1.4), factor=st.floats(0.1, 10))
def test_identities(angle, radius, factor):
    angle += 1e-3 * ((angle * 6 / math.pi) % 1 < 1e-4)  # a little away from the borders, where rounding decides
    point = radius * torch.tensor([[math.cos(angle), math.sin(angle)]], dtype=torch.float64)
    turned = torch.stack([-point[:, 1], point[:, 0]], dim=1)
    quarter = sector(point, 4)
    for n in NUMBERS:
        assert sector(point, n).item() == min(int(n * (angle % (2 * math.pi)) / (2 * math.pi)), n - 1)
        assert torch.equal(sector(factor * point, n), sector(point, n))
        assert torch.equal(sector(turned, n), (sector(point, n) + n // 4) % n)
        assert torch.equal(sector(point, n) // (n // 4), quarter)
