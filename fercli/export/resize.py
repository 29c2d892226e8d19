"""The resize of uint8 images as ONNX operators, to the same digit as PyTorch computes it on a CPU."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

MOST_BITS = 22  # of the fraction of a weight


def resized(self: Any, output_size: Any, align_corners: bool, *scales: Any) -> Any:
    """Translate `aten._upsample_bilinear2d_aa` of uint8 images (B, C, H, W); the exporter calls it with graph values.

    ONNX has an operator `Resize`, but its rounding differs: some pixels are off by one, which a network can turn into
    differences of 1e-4 and more. PyTorch resizes uint8 in two passes, along rows and then along columns. Each pass sums
    products of pixels and weights in whole numbers, and rounds. Sums of whole numbers are exact in float64, so a matrix
    product gives the same pixels.

    Args:
        output_size: height and width.
        align_corners: False; images are never resized otherwise.
        scales: not used, as in PyTorch.
    """
    from onnxscript import opset18

    op: Any = opset18  # its types name every kind of number, which no value of a graph here has
    assert not align_corners
    height, width = self.shape[-2:]
    pixels = op.Cast(self, to=11)  # float64
    for old, new, is_row in ((width, output_size[1], True), (height, output_size[0], False)):
        if old == new:
            continue
        weights, bits = fixed_point_weights(int(old), int(new))
        matrix = op.Constant(value=_tensor(weights.T if is_row else weights))
        sums = op.MatMul(pixels, matrix) if is_row else op.MatMul(matrix, pixels)
        half, one = (op.Constant(value=_tensor(np.array(2.0**power))) for power in (bits - 1, bits))
        low, high = (op.Constant(value=_tensor(np.array(end))) for end in (0.0, 255.0))
        pixels = op.Clip(op.Floor(op.Div(op.Add(sums, half), one)), low, high)
    return op.Cast(pixels, to=2)  # uint8


def fixed_point_weights(old: int, new: int) -> tuple[np.ndarray, int]:
    """Return the weights (new, old) of the linear resize with antialiasing along one axis, as whole numbers.

    Returns:
        The weights in float64, and the number of bits of their fraction: 2 to that power stands for 1. It is the
        largest one with which each weight fits into 16 bits.

    Source: the native kernel for uint8 of PyTorch, `aten/src/ATen/native/cpu/UpSampleKernel.cpp`.
    """
    one_pixel_each = torch.eye(old, dtype=torch.float64)[None, None]
    weights = F.interpolate(one_pixel_each, size=[new, old], mode="bilinear", antialias=True)[0, 0].numpy()
    bits = 0
    while bits < MOST_BITS and int(0.5 + weights.max() * 2 ** (bits + 1)) < 2**15:
        bits += 1
    return np.floor(weights * 2**bits + 0.5), bits


def _tensor(values: np.ndarray) -> Any:
    from onnx.numpy_helper import from_array

    return from_array(np.ascontiguousarray(values))
