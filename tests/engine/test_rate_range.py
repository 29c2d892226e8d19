from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fercli.engine.rate_range import HIGHEST, LOWEST, NUM_FIRST, NUM_STEPS, RaiseRate, RateRange, rate_range
from fercli.errors import ConfigError

RATES = np.geomspace(LOWEST, HIGHEST, NUM_STEPS)
RNG = np.random.default_rng(0)


def measured(losses):
    return RateRange(RATES[: len(losses)], np.asarray(losses), float(RATES[len(losses) - 1]), exploded=False)


def fall(middle, lowest):
    """Losses that fall from 2 to 1 about one rate, are lowest at another, and rise."""
    powers = np.log10(RATES)
    losses = 1 + 1 / (1 + np.exp(6 * (powers - np.log10(middle))))
    return losses + np.maximum(0, powers - np.log10(lowest))


def test_the_valley_of_a_known_curve():
    halfway, lowest = measured(fall(middle=1e-3, lowest=1e-1)).valley
    assert halfway == pytest.approx(1e-3, rel=0.35)  # two steps of the test
    assert 1e-2 < lowest < 0.15


def test_noise_moves_the_valley_little():
    found = [measured(fall(1e-3, 1e-1) + RNG.normal(scale=0.2, size=NUM_STEPS)).valley for _ in range(100)]
    halfway = [valley[0] for valley in found]
    assert np.quantile(halfway, 0.05) > 2e-4
    assert np.quantile(halfway, 0.95) < 5e-3


@pytest.mark.parametrize("num_losses", [45, NUM_STEPS])
def test_noise_alone_has_no_valley(num_losses):
    found = [measured(RNG.normal(size=num_losses)).valley for _ in range(1000)]
    assert np.mean([valley is not None for valley in found]) < 0.08


def test_few_losses_have_no_valley():
    assert measured(np.linspace(2, 1, 15)).valley is None


def trainer(optimizer, step=0):
    strategy = SimpleNamespace(reduce=lambda loss, reduce_op: loss)
    return SimpleNamespace(
        optimizers=[optimizer], global_step=step, strategy=strategy, should_stop=False, is_global_zero=True
    )


def test_parameters_keep_their_factor():
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in (0.1, 0.01)]
    optimizer, raising = torch.optim.SGD(groups), RaiseRate(0.1)
    raising.on_train_start(trainer(optimizer), None)
    raising.on_train_batch_start(trainer(optimizer, step=NUM_FIRST + 50))
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([RATES[50], RATES[50] / 10])


def of_losses(*losses, steps):
    """What is found in batches with these losses, after each of which so many steps of the test are done."""
    raising = RaiseRate(0.1)
    for loss, step in zip(losses, steps, strict=True):
        raising.on_train_batch_end(now := trainer(None, NUM_FIRST + step), None, {"loss": torch.tensor(loss)})
    return raising.found, now.should_stop


def test_a_loss_is_the_mean_over_the_batches_of_a_step():
    found, _ = of_losses(9.0, 1.0, 3.0, 4.0, 6.0, steps=[0, 0, 1, 1, 2])
    assert found.losses.tolist() == [2, 5]


def test_first_steps_have_the_lowest_rate_and_are_not_recorded():
    found, _ = of_losses(5.0, 4.0, 3.0, steps=[-1, 0, 1])
    assert found.losses.tolist() == [3]
    optimizer, raising = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1), RaiseRate(0.1)
    raising.on_train_start(trainer(optimizer), None)
    raising.on_train_batch_start(trainer(optimizer, step=NUM_FIRST - 1))
    assert optimizer.param_groups[0]["lr"] == LOWEST


@pytest.mark.parametrize("loss", [9.0, float("nan"), float("inf")])
def test_an_explosion_ends_the_test(loss):
    found, stops = of_losses(2.0, 2.0, loss, steps=[1, 2, 3])
    assert (found.losses.tolist(), found.exploded, stops) == ([2, 2], True, True)
    assert found.end == RATES[2]


def test_a_second_model_is_refused(composed):
    with pytest.raises(ConfigError, match="expected passer=none for a learning rate range test, found passer=mean"):
        rate_range(composed("method=multitask_affect", "passer=mean"))
