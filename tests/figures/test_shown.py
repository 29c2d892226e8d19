"""What a figure shows of some rows: as stored, as the network sees them in evaluation and in training."""

import numpy as np
import pytest
import torch

from fercli.figures.shown import seen, seen_in_training, stored_contexts, stored_images

ROWS = np.array([5, 0, 9])


@pytest.fixture
def evaluated(untrained):
    return untrained("synthetic", "method=cmgcn_emotion", "augment=pad_crop", "augment.size=32")


def test_draws_are_random_repeatable_and_those_of_training(evaluated):
    draws = seen_in_training(evaluated, ROWS, 3, seed=1)
    assert len({np.stack(draw.images).tobytes() for draw in draws}) == 3
    again = seen_in_training(evaluated, ROWS, 3, seed=1)
    other = seen_in_training(evaluated, ROWS, 3, seed=2)
    for i, draw in enumerate(draws):
        np.testing.assert_array_equal(np.stack(draw.images), np.stack(again[i].images))
        np.testing.assert_array_equal(np.stack(draw.contexts), np.stack(again[i].contexts))
        assert (np.stack(draw.images) != np.stack(other[i].images)).any()
    (batch,) = evaluated.data.samples_dataloader(evaluated.samples(ROWS))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        expected = evaluated.method.augment.train()(batch)
    evaluated.method.augment.eval()
    torch.testing.assert_close(draws[0].batch.image, expected.image, rtol=0, atol=0)
    torch.testing.assert_close(draws[0].batch.context, expected.context, rtol=0, atol=0)


def test_draws_leave_random_states_and_modes_as_they_are(evaluated):
    evaluated.method.eval()
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    evaluation = np.stack(seen(evaluated, ROWS).images)
    seen_in_training(evaluated, ROWS, 2)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])
    assert not any(module.training for module in evaluated.method.modules())
    np.testing.assert_array_equal(np.stack(seen(evaluated, ROWS).images), evaluation)
    evaluated.method.augment.train()
    seen_in_training(evaluated, ROWS, 2)
    assert evaluated.method.augment.training


def test_the_mode_is_restored_after_an_error(evaluated, monkeypatch):
    evaluated.method.eval()
    monkeypatch.setattr(evaluated.method.augment, "train_view", lambda image: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        seen_in_training(evaluated, ROWS, 1)
    assert not evaluated.method.augment.training


def test_stored_scenes_are_those_of_the_rows(evaluated):
    (batch,) = evaluated.data.samples_dataloader(evaluated.samples(ROWS))
    np.testing.assert_array_equal(np.stack(stored_contexts(evaluated, ROWS)), batch.context.permute(0, 2, 3, 1))
    np.testing.assert_array_equal(np.stack(stored_images(evaluated, ROWS)), batch.image.permute(0, 2, 3, 1))


def test_a_method_without_a_scene_has_no_stored_scenes(untrained):
    assert stored_contexts(untrained("synthetic", "method=softmax", "backbone=lenets"), ROWS) == []
