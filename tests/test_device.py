"""The GPU that is not here notices each kind of wait, and tensors of two devices."""

import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

import fercli
from fercli.batch import Batch
from fercli.datasets.augment import Plain
from fercli.engine.training import train
from fercli.heads.linear import LinearHead
from fercli.losses.objective import Objective, Term
from fercli.methods.recognizer import Recognizer
from fercli.prediction import Features
from tests.device import DEVICE, Waits, on_the_host, require_no_waits, step_waits

WAITS = {
    "a number": lambda x: x.sum().item(),
    "float": lambda x: float(x.sum()),
    "int": lambda x: int(x.long().sum()),
    "if": lambda x: 1 if x.any() else 0,
    "list": lambda x: x.tolist(),
    "array": lambda x: x.cpu().numpy(),
    "copy to the host": lambda x: x.to("cpu"),
    "copy from the host": lambda x: torch.ones(3).to(x.device),
    "constant": lambda x: torch.tensor([1.0, 2.0], device=x.device),
    "copy into": lambda x: x.copy_(torch.ones(4, 3)),
    "mask": lambda x: x[x > 0],
    "mask of rows": lambda x: x[x[:, 0] > 0],
    "write by a mask": lambda x: x.__setitem__(x[:, 0] > 0, torch.ones(4, 3, device=x.device)),
    "nonzero": lambda x: x.nonzero(),
    "where": lambda x: torch.where(x > 0),
    "masked_select": lambda x: x.masked_select(x > 0),
    "unique": lambda x: x.unique(),
    "bincount": lambda x: x[:, 0].long().bincount(),
    "repeat_interleave": lambda x: x.repeat_interleave(x[:, 0].long(), dim=0),
    "equal": lambda x: torch.equal(x, x),
    "slice": lambda x: x[: x.long().sum()],
    "inverse": lambda x: torch.linalg.inv(x[:3]),
}
NO_WAITS = {
    "sum": lambda x: x.sum() + 1,
    "copy": lambda x: torch.ones(3).to(x.device, non_blocking=True),
    "new": lambda x: torch.arange(3, device=x.device),
    "write a number by a mask": lambda x: x.masked_fill(x > 0, 0.0),
    "choose": lambda x: torch.where(x > 0, x, 0),
    "rows by number": lambda x: x[torch.zeros(2, dtype=torch.int64, device=x.device)],
    "a number of the host": lambda x: x * torch.randint(9, ()).item(),
}


def waits_of(function):
    with FakeTensorMode(allow_non_fake_inputs=True), Waits() as waits, on_the_host():
        function(torch.empty(4, 3, device=DEVICE))
    return waits.found


@pytest.mark.parametrize("name", WAITS)
def test_each_kind_of_wait_is_noticed(name):
    assert waits_of(WAITS[name])


@pytest.mark.parametrize("name", NO_WAITS)
def test_what_does_not_wait_is_not_noted(name):
    assert not waits_of(NO_WAITS[name])


class Pool(nn.Module):
    """A backbone that averages the pixels."""

    dim = 3

    def forward(self, image):
        return Features(image.mean((2, 3)))


def method_of(loss):
    """A small method with a loss of its own."""
    plain = Plain(8, [0.5] * 3, [0.5] * 3)
    objective = Objective({"own": Term(loss)})
    return Recognizer(
        Pool(), LinearHead(3, 4), objective=objective, augment=plain, metrics={}, optimizer=torch.optim.SGD
    )


def batch_of(*expression):
    image = torch.zeros(len(expression), 3, 8, 8, dtype=torch.uint8)
    return Batch([""] * len(expression), image, expression=torch.tensor(expression))


def cross_entropy(logits, expression):
    return nn.functional.cross_entropy(logits, expression)


@pytest.mark.parametrize("expression", [(0, 1, 2), (0, -1, 2), (-1, -1, -1)], ids=["all", "some", "none"])
def test_rows_without_labels_are_no_reason_to_wait(expression):
    require_no_waits(method_of(cross_entropy), batch_of(*expression))


def test_labels_that_were_replaced_on_the_device_are_waited_for():
    """What was known of the old ones says nothing about them."""

    class Replacing(Recognizer):
        def augmented(self, batch):
            batch = super().augmented(batch)
            batch.expression = batch.expression + 1
            return batch

    method = method_of(cross_entropy)
    method.__class__ = Replacing
    assert "batch.py: copy from cuda" in step_waits(method, batch_of(0, 1, 2))


@pytest.mark.parametrize(
    "loss",
    [
        lambda logits, expression: cross_entropy(logits, expression) * float(logits.mean()),
        lambda logits, expression: cross_entropy(logits[expression > 0], expression[expression > 0]),
        lambda logits, expression: cross_entropy(logits, expression) if logits.mean() > 0 else logits.sum(),
    ],
    ids=["float", "mask", "if"],
)
def test_a_loss_that_waits_fails(loss):
    with pytest.raises(AssertionError, match=r"the host waits for the device: tests/test_device\.py: "):
        require_no_waits(method_of(loss), batch_of(0, 1, 2))


def test_a_loss_with_numbers_of_the_host_fails():
    weight = torch.ones(4)
    with pytest.raises(RuntimeError, match="cuda:0 and cpu"):
        require_no_waits(method_of(lambda logits: (logits * weight).sum()), batch_of(0, 1, 2))


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (2, 3, 5, 6, 7)], ids=["images", "clips"])
@pytest.mark.parametrize("training", [True, False])
def test_a_batch_norm_gives_what_it_gives_without_a_record(shape, training):
    kind, layout = {4: (nn.BatchNorm2d, torch.channels_last), 5: (nn.BatchNorm3d, torch.contiguous_format)}[len(shape)]
    found = []
    with FakeTensorMode():
        norm = kind(3, device=DEVICE).train(training)
        image = torch.empty(shape, device=DEVICE, memory_format=layout)
        for mode in (nullcontext(), Waits()):
            with mode:
                found.append(norm(image))
    assert len({(value.shape, value.stride(), value.dtype, value.device) for value in found}) == 1


def test_a_batch_norm_with_numbers_of_the_host_fails():
    with pytest.raises(RuntimeError, match="cuda:0 and cpu"):
        waits_of(lambda x: nn.functional.batch_norm(x, torch.zeros(3), torch.ones(3)))


class Numbers(TorchDispatchMode):
    """Count the numbers that Python takes out of tensors, by the file of fercli or Lightning that asks."""

    def __init__(self):
        super().__init__()
        self.count = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket is torch.ops.aten._local_scalar_dense:
            self.count[self.place()] += 1
        return func(*args, **(kwargs or {}))

    @staticmethod
    def place():
        frame = sys._getframe(2)
        while frame is not None:
            path = frame.f_code.co_filename
            for package in (str(Path(fercli.__file__).parent), "pytorch_lightning", "torch/optim"):
                if package in path:
                    return path[path.index(package) :]
            frame = frame.f_back
        return "elsewhere"


@pytest.mark.slow
def test_more_steps_of_the_training_loop_ask_for_no_more_numbers(digits_config):
    """Not those of the loop either, such as the loss for a bar of progress."""
    counts = []
    for rows in (150, 250):
        with Numbers() as numbers:
            run = train(digits_config("trainer.max_epochs=1", f"num_train_rows={rows}"), [])
        assert run.finished
        counts.append(numbers.count)
    more = counts[1] - counts[0]
    assert {place for place in more if "/fercli/losses/" not in place} == set()  # losses ask numbers of the host here
