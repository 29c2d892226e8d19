import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fercli.export.onnx_file import onnx_content
from fercli.export.resize import fixed_point_weights
from fercli.inference.onnx_model import OnnxNetwork

SIZES = [(28, 28), (40, 96), (112, 112), (40, 48)]  # smaller, larger on one axis and on both, the same


class Resized(nn.Module):
    def forward(self, image):
        return {f"{h}x{w}": F.interpolate(image, [h, w], mode="bilinear", antialias=True).float() for h, w in SIZES}


def test_resized_pixels_are_the_same_to_the_last_digit():
    pytest.importorskip("onnxscript", reason="an optional extra: pip install fercli[export]")
    image = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 3, 40, 48), dtype=np.uint8))
    image[0, 0, :20] = 255
    image[0, 0, 20:] = 0
    program = torch.export.export(Resized(), (image,))
    names = [f"{h}x{w}" for h, w in SIZES]
    found = OnnxNetwork(onnx_content(program, ["image"], names, {"fercli": "0"}))(image.numpy())
    for name, expected in Resized()(image).items():
        np.testing.assert_array_equal(found[name], expected.double().numpy(), err_msg=name)


def test_weights_are_those_of_a_triangle_in_whole_numbers():
    """Of 4 pixels, 2 are made: each from all within two pixels of its center, the nearer the more."""
    weights, bits = fixed_point_weights(4, 2)
    triangle = np.array([[0.75, 0.75, 0.25, 0.0], [0.0, 0.25, 0.75, 0.75]]) / 1.75
    assert bits == 16  # 0.75 / 1.75 * 2^16 = 28087 fits into 15 bits, twice of it does not
    np.testing.assert_array_equal(weights, np.floor(triangle * 2**16 + 0.5))
