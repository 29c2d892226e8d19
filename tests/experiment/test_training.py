"""What happens around the steps of a training."""

import pytest
import torch
from pytorch_lightning.strategies import SingleDeviceStrategy

from fercli.experiment import training as module
from fercli.experiment.training import train


class SeenError(Exception):
    """Thrown where a test has seen enough."""


def test_a_run_is_judged_on_the_device_that_it_was_trained_on(digits_config, monkeypatch):
    """Lightning leaves the method on the processor. The meta device stands for a GPU once the steps are done."""
    fitted, found = module.fit, []

    def fit(*arguments):
        fitted(*arguments)
        monkeypatch.setattr(SingleDeviceStrategy, "root_device", torch.device("meta"))

    def evaluate(cfg, run, data, method, *rest):
        found.extend({parameter.device.type for parameter in method.parameters()})
        raise SeenError

    monkeypatch.setattr(module, "fit", fit)
    monkeypatch.setattr(module, "evaluate", evaluate)
    with pytest.raises(SeenError):
        train(digits_config("trainer.max_epochs=1"), [])
    assert found == ["meta"]


def test_the_evaluation_shows_its_progress(digits_config):
    told = []
    train(digits_config("trainer.max_epochs=1"), [], progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 60), (60, 60)]
