import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from fercli.batch import FitsLabels
from fercli.errors import ConfigError
from fercli.losses.sectors import HalfBCE, HalfMSE, SectorCrossEntropy, SectorFocalLoss

CASE = {"m": st.integers(1, 6), "num_sectors": st.sampled_from([2, 4, 8, 12]), "seed": st.integers(0, 999)}
# Five in the first quadrant, two in the second, one in the fourth; one unlabelled.
TRAINING = np.array([(0.5, 0.1)] * 5 + [(-0.5, 0.5)] * 2 + [(0.1, -0.5), (np.nan, 0.5)])


def fitted(num_sectors, affect=TRAINING, **options):
    """The loss in float64, fitted to labels of which it sees nothing but affect."""
    loss = SectorCrossEntropy(num_sectors, **options).double()
    loss.fit(SimpleNamespace(affect=affect))
    return loss


def sector_of(point, num_sectors):
    """By the definition, for points off the borders."""
    if num_sectors == 2:
        return int(point[0] >= 0)
    return int(num_sectors * (math.atan2(point[1], point[0]) % (2 * math.pi)) / (2 * math.pi))


def test_weights_are_those_of_the_training_sectors():
    np.testing.assert_allclose(fitted(4).weight, [0.2, 0.5, 1, 1], rtol=1e-12)  # nobody in the third: as the rarest
    np.testing.assert_allclose(fitted(2).weight, [1, 1 / 3], rtol=1e-12)


def test_only_a_weighted_loss_needs_labels_before_training():
    weighted, plain = fitted(4), fitted(4, weighted=False)
    assert isinstance(weighted, FitsLabels)
    assert (weighted.fits, plain.fits) == (("affect",), ())
    assert plain.weight.tolist() == [1, 1, 1, 1]
    again = SectorCrossEntropy(4).double()
    assert again(torch.zeros(1, 4), torch.zeros(1, 2)).isnan()  # never fitted
    again.load_state_dict(weighted.state_dict())
    assert torch.equal(again.weight, weighted.weight)


@pytest.mark.parametrize("weighted", [True, False])
@given(**CASE)
def test_loops_agree(weighted, m, num_sectors, seed):
    rng = np.random.default_rng(seed)
    training, affect, z = rng.uniform(-1, 1, (40, 2)), rng.uniform(-1, 1, (m, 2)), rng.normal(size=(m, num_sectors))
    count = [sum(sector_of(point, num_sectors) == q for point in training) for q in range(num_sectors)]
    smallest = min(number for number in count if number)
    weight = [smallest / max(number, smallest) if weighted else 1 for number in count]
    target = [sector_of(point, num_sectors) for point in affect]
    log_p = [[s - math.log(np.exp(row).sum()) for s in row] for row in z]
    expected = -sum(weight[q] * row[q] for q, row in zip(target, log_p, strict=True)) / sum(weight[q] for q in target)
    found = fitted(num_sectors, training, weighted=weighted)(torch.from_numpy(z), torch.from_numpy(affect))
    assert found.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    focal = SectorFocalLoss(num_sectors, gamma=2).double()(torch.from_numpy(z), torch.from_numpy(affect))
    by_loops = -sum((1 - math.exp(row[q])) ** 2 * row[q] for q, row in zip(target, log_p, strict=True)) / m
    assert focal.item() == pytest.approx(by_loops, rel=1e-9, abs=1e-12)


@given(m=st.integers(1, 6), seed=st.integers(0, 999))
def test_loops_agree_for_halves(m, seed):
    rng = np.random.default_rng(seed)
    z, affect = rng.normal(size=(m, 1)), rng.uniform(-1, 1, (m, 2))
    affect[0, 0] = 0  # belongs to the positive half
    squares = entropy = 0.0
    for (score,), (valence, _) in zip(z, affect, strict=True):
        target, p = float(valence >= 0), 1 / (1 + math.exp(-score))
        squares += (score - target) ** 2 / (2 * m)
        entropy -= (target * math.log(p) + (1 - target) * math.log(1 - p)) / m
    z, affect = torch.from_numpy(z), torch.from_numpy(affect)
    assert HalfMSE()(z, affect).item() == pytest.approx(squares, rel=1e-9)
    assert HalfBCE()(z, affect).item() == pytest.approx(entropy, rel=1e-9)
    two = F.pad(z, (1, 0))  # a score of 0 for the negative half makes it a softmax of two
    plain = SectorCrossEntropy(2, weighted=False).double()
    torch.testing.assert_close(plain(two, affect), HalfBCE()(z, affect), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SectorCrossEntropy(1), "num_sectors of 2 or more, found 1; for a single score, use loss half_mse"),
        (lambda: SectorFocalLoss(0), "num_sectors of 2 or more, found 0"),
        (lambda: fitted(4)(torch.zeros(1, 8), torch.zeros(1, 2)), "wants 4 scores of sectors, the head gives 8"),
        (lambda: SectorFocalLoss(4)(torch.zeros(1, 2), torch.zeros(1, 2)), "wants 4 scores of sectors"),
        (lambda: HalfBCE()(torch.zeros(1, 2), torch.zeros(1, 2)), "wants 1 scores of sectors, the head gives 2"),
        (lambda: HalfMSE()(torch.zeros(1, 2), torch.zeros(1, 2)), "make head.num_sectors fit"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()
