from types import SimpleNamespace

import pytest

from fercli.engine.input_wait import FEWEST_STEPS, InputWait


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def train(wait, clock, waits, works, num_steps=FEWEST_STEPS + 1, rank_zero=True):
    trainer = SimpleNamespace(is_global_zero=rank_zero)
    clock.now += 100  # before the first batch, workers start
    for step in range(num_steps):
        wait.on_train_batch_start(trainer, None, None, step)
        clock.now += works
        wait.on_train_batch_end(trainer, None)
        clock.now += waits
    clock.now += 50  # validation
    wait.on_train_epoch_end(trainer, None)


@pytest.mark.parametrize(
    ("on_gpu", "words"),
    [
        (True, "the device waits 40% of the time for images; trainer.num_workers above 4"),
        (False, "the network waits 40% of the time for images; a smaller augment.size"),
    ],
)
def test_what_waits_for_images_is_said_once(on_gpu, words, recwarn):
    clock = Clock()
    wait = InputWait(4, on_gpu, clock)
    for _ in range(3):
        train(wait, clock, waits=2, works=3)
    (warning,) = recwarn
    assert str(warning.message).startswith(words)


@pytest.mark.parametrize(
    "epoch", [{"waits": 1, "works": 3.1}, {"num_steps": FEWEST_STEPS}, {"rank_zero": False}], ids=str
)
def test_nothing_is_said_of_a_short_wait_a_short_epoch_or_by_other_processes(epoch, recwarn):
    clock = Clock()
    train(InputWait(0, True, clock), clock, **({"waits": 9, "works": 1} | epoch))
    assert not recwarn
