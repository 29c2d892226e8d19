import numpy as np
import pytest
import torch

from fercli.ops.pairwise import squared_distances


def test_loops_agree():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    expected = [[sum((x[i, j] - y[k, j]) ** 2 for j in range(3)) for k in range(4)] for i in range(5)]
    found = squared_distances(torch.from_numpy(x), torch.from_numpy(y))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened_before_squaring(dtype):
    x = torch.tensor([[1000.0]], dtype=dtype)
    with torch.autocast("cpu", torch.bfloat16):
        found = squared_distances(x, torch.tensor([[1.0]]))
    assert found.dtype == torch.float32
    assert found.item() == 999.0**2  # 998001: more than float16 reaches and than bfloat16 resolves


def test_near_points_far_from_the_origin_keep_their_distance():
    assert squared_distances(torch.tensor([[4096.0, 0.0]]), torch.tensor([[4096.5, 0.0]])).item() == 0.25


def test_gradient_at_distance_zero_is_zero():
    x = torch.ones(1, 2, requires_grad=True)
    squared_distances(x, torch.ones(1, 2)).sum().backward()
    assert x.grad.tolist() == [[0, 0]]
