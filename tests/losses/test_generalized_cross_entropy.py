import numpy as np
import pytest
import torch

from fercli.errors import ConfigError
from fercli.losses.generalized_cross_entropy import GeneralizedCrossEntropy


def by_loop(logits, expression, q):
    total = 0.0
    for row, label in zip(logits, expression, strict=True):
        p = np.exp(row - row.max())
        p = p / p.sum()
        total += (1 - p[label] ** q) / q
    return total / len(logits)


@pytest.mark.parametrize("q", [0.1, 0.7, 1.0])
@pytest.mark.parametrize(("num_rows", "num_classes"), [(6, 7), (1, 7), (4, 1)])
def test_the_value_is_that_of_the_equation(q, num_rows, num_classes):
    rng = np.random.default_rng(0)
    logits, expression = rng.normal(size=(num_rows, num_classes)), rng.integers(num_classes, size=num_rows)
    found = GeneralizedCrossEntropy(q)(torch.from_numpy(logits), torch.from_numpy(expression)).item()
    np.testing.assert_allclose(found, by_loop(logits, expression, q), rtol=1e-9, atol=1e-15)


def test_the_gradient():
    logits = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: GeneralizedCrossEntropy()(x, torch.tensor([0, 3, 1])), logits)


def test_small_q_is_cross_entropy_and_the_order_of_rows_changes_nothing():
    logits, expression = torch.randn(5, 7, dtype=torch.float64), torch.tensor([0, 6, 2, 2, 4])
    near = GeneralizedCrossEntropy(1e-9)(logits, expression)
    torch.testing.assert_close(near, torch.nn.functional.cross_entropy(logits, expression), rtol=1e-7, atol=0)
    loss = GeneralizedCrossEntropy()
    torch.testing.assert_close(loss(logits.flip(0), expression.flip(0)), loss(logits, expression), rtol=1e-12, atol=0)


@pytest.mark.parametrize("q", [0, -0.5, 1.5])
def test_a_wrong_q_is_refused(q):
    with pytest.raises(ConfigError, match="expected 0 < q <= 1"):
        GeneralizedCrossEntropy(q)
