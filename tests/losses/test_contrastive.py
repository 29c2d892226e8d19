import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError
from fercli.losses.contrastive import ContrastiveLoss, contrastive_losses

X = torch.tensor([[0, 0], [3, 4], [1, 0]], dtype=torch.float64)
Y = torch.tensor([0, 0, 1])


def loops(x, y, margin):
    positive, negative = [], []
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            distance = np.linalg.norm(x[i] - x[j])
            if y[i] == y[j]:
                positive.append(distance**2 / 2)
            else:
                negative.append(max(0, margin - distance) ** 2 / 2)
    return np.mean(positive or [0]), np.mean(negative or [0])


@pytest.mark.parametrize(("margin", "negative"), [(2, 0.25), (6, 6.8335921350)])
def test_values(margin, negative):
    assert [value.item() for value in contrastive_losses(X, Y, margin)] == pytest.approx([12.5, negative], rel=1e-9)
    values = {pairs: ContrastiveLoss(pairs, margin)(X, Y).item() for pairs in ("both", "positive", "negative")}
    assert values == pytest.approx({"both": 12.5 + negative, "positive": 12.5, "negative": negative}, rel=1e-9)


def test_features_of_length_1():
    unit = X[1:] / X[1:].norm(dim=1, keepdim=True)  # a row of zeros stays one
    expected = loops(torch.cat([X[:1], unit]).numpy(), Y, 1.5)
    for pairs, value in zip(("positive", "negative"), expected, strict=True):
        assert ContrastiveLoss(pairs, 1.5, normalize=True)(X, Y).item() == pytest.approx(value, rel=1e-9)
        assert ContrastiveLoss(pairs, 1.5, normalize=True)(7 * X, Y).item() == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("labels", "zero"), [([1, 1, 1], 1), ([2, 0, 1], 0)])
def test_a_kind_without_pairs_is_zero(labels, zero):
    values = contrastive_losses(X, torch.tensor(labels), 6)
    assert values[zero] == 0
    assert values[1 - zero] > 0


@pytest.mark.parametrize("pairs", ["both", "positive", "negative"])
def test_a_batch_of_one_gives_zero_with_a_gradient(pairs):
    x = X[:1].clone().requires_grad_()
    loss = ContrastiveLoss(pairs)(x, Y[:1])
    loss.backward()
    assert loss.item() == 0
    assert x.grad.tolist() == [[0, 0]]


def test_equal_samples_of_two_classes_have_no_direction_to_part_in():
    x = torch.ones(2, 3, requires_grad=True)
    loss = ContrastiveLoss()(x, torch.tensor([0, 1]))
    loss.backward()
    assert loss.item() == 2
    assert not x.grad.any()


@given(
    m=st.integers(1, 7),
    d=st.integers(1, 4),
    k=st.integers(1, 4),
    seed=st.integers(0, 999),
    margin=st.floats(0.1, 5),
)
def test_loops_and_gradients_agree(m, d, k, seed, margin):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(m, d)), rng.integers(k, size=m)
    found = contrastive_losses(torch.from_numpy(x), torch.from_numpy(y), margin)
    np.testing.assert_allclose([value.item() for value in found], loops(x, y, margin), rtol=1e-9, atol=1e-12)
    fields = torch.from_numpy(x).requires_grad_(), torch.from_numpy(y)
    assert torch.autograd.gradcheck(ContrastiveLoss(margin=margin), fields)


def test_bad_options_are_refused():
    with pytest.raises(ConfigError, match=r"no choice of pairs named 'negativ'.*did you mean 'negative'"):
        ContrastiveLoss("negativ")
    with pytest.raises(ConfigError, match="margin of 0 or more, found -1"):
        ContrastiveLoss(margin=-1)
