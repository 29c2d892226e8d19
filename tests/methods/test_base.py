from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from fercli.batch import Batch
from fercli.errors import ConfigError
from fercli.losses.center import CenterBank, CenterLoss
from fercli.losses.objective import Objective, Term
from fercli.methods.base import Method, attention_levels, step_seed
from fercli.methods.schedules import one_cycle
from fercli.metrics.attention import attention_statistics
from fercli.prediction import Prediction


class Noise(nn.Module):
    """An augmentation: adds random numbers while training."""

    def forward(self, batch):
        image = batch.image + torch.rand_like(batch.image) if self.training else batch.image
        return replace(batch, image=image)


class Linear(Method):
    """The smallest method: the image is the feature."""

    def __init__(self, **shared):
        super().__init__(**shared)
        self.layer = nn.Linear(2, 3)

    def forward(self, batch):
        return Prediction(feature=batch.image, logits=self.layer(batch.image))


def method(kind=Linear, scheduler=None, seed=0, metrics=None, rates=None):
    terms = {
        "cross_entropy": Term(nn.CrossEntropyLoss(), ["logits", "expression"]),
        "center": Term(CenterLoss(), weight=0.5),
    }
    return kind(
        objective=Objective(terms, CenterBank(num_classes=3, dim=2)),
        augment=Noise(),
        metrics=metrics or {},
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        scheduler=scheduler,
        rates=rates,
        seed=seed,
    )


def batch(num_rows=4):
    generator = torch.Generator().manual_seed(num_rows)
    image = torch.randn(num_rows, 2, generator=generator)
    return Batch([str(i) for i in range(num_rows)], image, torch.arange(num_rows) % 3)


class StandIn:
    """As much of a trainer as a method asks, at one step of one process."""

    def __init__(self, step=0, rank=0, training=True):
        progress = SimpleNamespace(total=SimpleNamespace(processed=step))
        self.fit_loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=progress))
        self.global_rank = rank
        self.training = training
        self.sanity_checking = False


def augmented(seed=0, **state):
    trainer, subject = StandIn(**state), method(seed=seed)
    subject.trainer = trainer
    subject.train(trainer.training)
    return subject.on_after_batch_transfer(batch(), 0).image


def test_augmentation_is_a_function_of_seed_step_and_rank_alone():
    first = augmented(seed=1, step=7, rank=2)
    torch.manual_seed(12345)  # whatever was drawn before
    assert torch.equal(augmented(seed=1, step=7, rank=2), first)
    for other in ({"seed": 2, "step": 7, "rank": 2}, {"seed": 1, "step": 8, "rank": 2}, {"seed": 1, "step": 7}):
        assert not torch.equal(augmented(**other), first)


def test_nothing_random_happens_outside_training():
    subject, given = method().eval(), batch()
    subject.trainer = StandIn(training=False)
    before = torch.get_rng_state()
    assert torch.equal(subject.on_after_batch_transfer(given, 0).image, given.image)
    assert torch.equal(torch.get_rng_state(), before)  # nothing was drawn, and no seed was set


def test_step_seeds_differ_in_the_bits_that_a_generator_reads():
    cases = list(product((0, 1, 20240131, 2**32 - 1), (0, 1, 2, 10**6), (0, 1, 7)))
    assert len({step_seed(*case) % 2**32 for case in cases}) == len(cases)
    states = {bytes(torch.manual_seed(step_seed(*case)).get_state().numpy()) for case in cases}
    assert len(states) == len(cases)


def test_a_step_logs_every_term_and_gives_the_weighted_sum(monkeypatch):
    subject, logged = method(), {}
    monkeypatch.setattr(subject, "log", lambda name, value, **options: logged.update({name: value}))
    monkeypatch.setattr(subject, "log_dict", lambda values, **options: logged.update(values))
    total = subject.training_step(batch(), 0)
    assert set(logged) == {"train/cross_entropy", "train/center", "train/loss"}
    assert total.requires_grad
    assert total.item() == pytest.approx((logged["train/cross_entropy"] + 0.5 * logged["train/center"]).item())
    assert logged["train/loss"].item() == total.item()
    assert not any(value.requires_grad for value in logged.values())


def test_a_step_tells_the_objective_its_epoch(monkeypatch):
    subject = method()
    monkeypatch.setattr(subject, "log", lambda *args, **options: None)
    monkeypatch.setattr(subject, "log_dict", lambda *args, **options: None)
    for epoch in (3, 4):
        subject.trainer = SimpleNamespace(current_epoch=epoch)
        subject.training_step(batch(), 0)
        assert subject.objective.epoch == epoch


def test_level_and_spread_of_the_attention_are_logged_where_there_is_one(monkeypatch):
    class Attentive(Linear):
        def forward(self, batch):
            return Prediction(batch.image, self.layer(batch.image), attention=torch.tensor([[0.2, 0.5]] * len(batch)))

    subject, logged = method(Attentive), {}
    monkeypatch.setattr(subject, "log", lambda name, value, **options: logged.update({name: value}))
    monkeypatch.setattr(subject, "log_dict", lambda values, **options: logged.update(values))
    subject.training_step(batch(), 0)
    levels = attention_statistics(np.array([[0.2, 0.5]]), np.zeros(1))  # as an evaluation gives them
    assert logged["train/attention_entropy"].item() == pytest.approx(levels["entropy"])
    for name in ("mean", "min", "max"):
        assert logged[f"train/{name}_attention"].item() == pytest.approx(levels[name])


def test_normalized_attention_has_finite_levels():
    assert all(map(torch.isfinite, attention_levels(torch.tensor([[0.0, 2.0]])).values()))


def test_centers_move_after_the_optimizer(monkeypatch):
    subject, done = method(), []
    monkeypatch.setattr(pl.LightningModule, "optimizer_step", lambda self, *args: done.append("optimizer"))
    monkeypatch.setattr(subject.objective, "step_centers", lambda: done.append("centers"))
    subject.optimizer_step(0, 0, None)
    assert done == ["optimizer", "centers"]


def test_metrics_see_the_whole_split_once(monkeypatch, make_metric):
    calls, logged = [], {}
    rows = make_metric(
        lambda expression, probabilities: calls.append(expression) or 0.5, ["expression", "probabilities"]
    )
    subject = method(metrics={"rows": rows, "age": make_metric(lambda age: 0.0, ["age"])})  # there are no ages
    trainer = StandIn()
    subject.trainer = trainer
    monkeypatch.setattr(subject, "log", lambda name, value, **options: logged.update({name: value}))
    for epoch in range(2):
        for num_rows in (4, 4, 1):
            subject.validation_step(batch(num_rows), 0)
        subject.on_validation_epoch_end()
        np.testing.assert_array_equal(calls[epoch], [0, 1, 2, 0, 0, 1, 2, 0, 0])
    assert logged == {"val/rows": 0.5}


def test_the_optimizer_has_all_weights_and_no_centers():
    subject = method()
    optimizer = subject.configure_optimizers()
    (group,) = optimizer.param_groups
    assert {id(p) for p in group["params"]} == {id(subject.layer.weight), id(subject.layer.bias)}
    subject.layer.bias.requires_grad_(False)
    assert len(subject.configure_optimizers().param_groups[0]["params"]) == 1


def test_parameters_with_a_rate_of_their_own_are_a_group():
    subject = method(rates={"layer": 0.5, "layer.bias": 10})
    groups = {id(group["params"][0]): group for group in subject.configure_optimizers().param_groups}
    assert len(groups) == 2
    assert groups[id(subject.layer.weight)]["lr"] == pytest.approx(0.05)
    assert groups[id(subject.layer.bias)]["lr"] == pytest.approx(1)


@pytest.mark.parametrize(("rates", "rate"), [({}, 100), ({"objective.losses.proxies.": 3}, 3)])
def test_the_parameters_of_a_loss_have_the_rate_of_its_term(rates, rate):
    subject = method(rates=rates)
    proxies = nn.Linear(2, 3, bias=False)
    subject.objective = Objective(
        {"a": Term(nn.CrossEntropyLoss(), ["logits", "expression"]), "proxies": Term(proxies, ["feature"], rate=100)}
    )
    groups = subject.configure_optimizers().param_groups
    (group,) = (group for group in groups if any(p is proxies.weight for p in group["params"]))
    assert group["lr"] == pytest.approx(0.1 * rate)
    assert len(group["params"]) == 1
    assert groups[0]["lr"] == 0.1


def test_what_is_frozen_stays_in_evaluation_mode():
    subject = method()
    assert subject.train().layer.training
    subject.keep_evaluating([subject.layer])
    for mode in (True, False, True):
        assert subject.train(mode).training is mode
        assert not subject.layer.training
        assert subject.objective.training is mode


def test_one_cycle_keeps_the_rates_apart():
    scheduler = {"interval": "step", "scheduler": lambda optimizer: one_cycle(optimizer, total_steps=10)}
    configured = method(rates={"layer.bias": 0.1}, scheduler=scheduler).configure_optimizers()
    optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
    highest = [group["max_lr"] for group in optimizer.param_groups]
    assert highest == pytest.approx([0.1, 0.01])
    seen = []
    for _ in range(9):
        optimizer.step()
        schedule.step()
        seen.append([group["lr"] for group in optimizer.param_groups])
    assert max(seen) == pytest.approx([0.1, 0.01])
    assert seen[-1] == pytest.approx([0, 0], abs=1e-5)


def test_a_rate_for_nothing_is_refused():
    with pytest.raises(ConfigError, match=r"rates.head fits no parameter; choices: layer.bias, layer.weight"):
        method(rates={"head": 0.1}).configure_optimizers()


def test_the_scheduler_steps_the_optimizer_at_its_interval():
    scheduler = {"interval": "step", "scheduler": lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)}
    configured = method(scheduler=scheduler).configure_optimizers()
    assert configured["lr_scheduler"]["interval"] == "step"
    configured["optimizer"].step()
    configured["lr_scheduler"]["scheduler"].step()
    assert configured["optimizer"].param_groups[0]["lr"] == pytest.approx(0.05)


def test_a_method_without_forward_pass_says_so():
    with pytest.raises(TypeError, match="Method defines no forward pass"):
        method(kind=Method)(batch())
