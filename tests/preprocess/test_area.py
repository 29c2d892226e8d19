import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from fercli.preprocess import area
from fercli.preprocess.area import SummedArea
from fercli.preprocess.mosaic import mosaic


@pytest.fixture(autouse=True, params=["as on a CPU", "as on a GPU"])
def way(request, monkeypatch):
    monkeypatch.setattr(area, "is_cpu", lambda device: request.param == "as on a CPU")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def resized(images, size):
    return SummedArea(images, torch.device("cpu")).canvas(mosaic((size,)))[:, :, : size[0], : size[1]]


def centered(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


@pytest.mark.parametrize("shape", [(350, 350), (37, 211), (1, 1), (13, 500)])
@pytest.mark.parametrize("size", [(211, 150), (14, 15), (12, 13), (400, 520)])
def test_images_are_those_of_torch_to_the_bit(shape, size):
    images = noise(2, *shape, 3)
    found = resized(images, size)
    expected = interpolate(centered(images), size=size, mode="area") - 127.5
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_crops_are_those_of_torch_to_the_bit():
    images, random = noise(3, 90, 140, 3), np.random.default_rng(1)
    corners = [np.sort(random.choice(np.arange(n + 1), (60, 2)), 1) for n in (140, 90)]
    boxes = np.stack([corners[0][:, 0], corners[1][:, 0], corners[0][:, 1], corners[1][:, 1]], 1)
    boxes = np.concatenate([boxes[(boxes[:, 2:] > boxes[:, :2]).all(1)], [[0, 0, 140, 90], [139, 89, 140, 90]]])
    image = random.integers(0, 3, len(boxes))
    found = SummedArea(images, torch.device("cpu")).crops(image, boxes, 24)
    for crop, i, (left, top, right, bottom) in zip(found, image, boxes, strict=True):
        part = centered(images[i : i + 1])[:, :, top:bottom, left:right]
        expected = interpolate(part, size=(24, 24), mode="area")[0] - 127.5
        torch.testing.assert_close(crop, expected, rtol=0, atol=0)


def test_sums_that_wrap_around_are_right_all_the_same():
    white = np.full((1, 3000, 3000, 3), 255, np.uint8)  # 2.3e9 altogether, more than an int32 holds
    assert (resized(white, (13, 15)) == 127.5).all()
