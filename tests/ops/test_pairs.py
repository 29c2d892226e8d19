import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from fercli.ops.pairs import cosines, directions, distances


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation gives."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return result


@given(n=st.integers(1, 5), d=st.integers(1, 4), seed=st.integers(0, 999))
def test_loops_agree(n, d, seed):
    x = np.random.default_rng(seed).normal(size=(n, d))
    far = [[math.sqrt(sum((x[i, a] - x[j, a]) ** 2 for a in range(d))) for j in range(n)] for i in range(n)]
    cos = [[x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j]) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(distances(torch.from_numpy(x)), far, rtol=1e-9)
    np.testing.assert_allclose(cosines(torch.from_numpy(x)), cos, rtol=1e-9, atol=1e-12)
    stacked = torch.from_numpy(np.stack([x, 2 * x]))
    np.testing.assert_allclose(distances(stacked), [far, 2 * np.array(far)], rtol=1e-9)


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4)])
def test_gradients(shape):
    torch.manual_seed(0)
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(*shape[:-1], shape[-2], dtype=torch.float64)  # not symmetric
    mask = 1 - torch.eye(shape[-2])  # the distance of a row to itself has a kink
    assert torch.autograd.gradcheck(lambda x: weight * mask * distances(x), x)
    if len(shape) == 2:
        assert torch.autograd.gradcheck(lambda x: weight * cosines(x), x)


def test_the_gradient_far_from_the_origin_is_as_good_as_near_it():
    x = torch.tensor([[0.0, 0.0], [3.0, 4.0]]) + 1000
    x.requires_grad_()
    distances(x)[0, 1].backward()
    torch.testing.assert_close(x.grad, torch.tensor([[-0.6, -0.8], [0.6, 0.8]]), rtol=1e-6, atol=0)


def test_coincident_rows_have_no_gradient():
    x = torch.ones(3, 2, requires_grad=True)
    (1 - distances(x)).sum().backward()
    assert x.grad.tolist() == [[0, 0]] * 3


def test_a_row_of_zeros_has_no_direction():
    x = torch.tensor([[0.0, 0.0], [0.0, 2.0]], requires_grad=True)
    assert directions(x).tolist() == [[0, 0], [0, 1]]
    assert cosines(x).tolist() == [[0, 0], [0, 1]]
    cosines(x).sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("function", [distances, cosines])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_also_under_autocast(function, dtype):
    x = torch.tensor([[1000, 1], [999, 1], [0, 300]], dtype=dtype, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = function(x)
        found.square().sum().backward()
    torch.testing.assert_close(found, function(x.detach().float()), rtol=1e-6, atol=0)
    assert found.dtype == torch.float32
    assert x.grad.isfinite().all()


def test_memory_is_that_of_the_distances():
    n, d = 32, 200
    x = torch.randn(n, d, requires_grad=True)
    with Largest() as largest:
        distances(x).sum().backward()
    assert largest.numbers == n * d  # the matrix itself; all pairs of rows would be n * n * d
