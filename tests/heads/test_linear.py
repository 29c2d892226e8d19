import numpy as np
import pytest
import torch

from fercli.heads.linear import LinearHead, RegressionHead
from fercli.prediction import Features


@pytest.mark.parametrize(
    ("head", "field"), [(LinearHead(3, 7), "logits"), (RegressionHead(3), "predicted_affect")], ids=["linear", "affect"]
)
def test_the_feature_times_the_weights(head, field):
    x = np.random.default_rng(0).normal(size=(4, 3))
    head.double()
    found = head(Features(torch.from_numpy(x)))
    assert next(iter(found)) == field
    assert "class_vectors" not in found or found["class_vectors"] is head.weight
    assert ("class_vectors" in found) == (field == "logits")
    weight, bias = head.weight.detach().numpy(), head.bias.detach().numpy()
    expected = [
        [sum(x[i, j] * row[j] for j in range(3)) + b for row, b in zip(weight, bias, strict=True)] for i in range(4)
    ]
    np.testing.assert_allclose(found[field].detach(), expected, rtol=1e-9)


@pytest.mark.parametrize(("head", "num_outputs"), [(LinearHead, 7), (RegressionHead, 2)])
def test_starts_as_the_linear_layer_of_torch(head, num_outputs):
    torch.manual_seed(5)
    expected = torch.nn.Linear(4, num_outputs).state_dict()
    torch.manual_seed(5)
    found = (head(4, 7) if head is LinearHead else head(4)).state_dict()
    assert list(found) == list(expected) == ["weight", "bias"]
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_without_bias():
    assert list(LinearHead(4, 7, bias=False).state_dict()) == ["weight"]
