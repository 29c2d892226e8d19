"""What happens around the steps of a training."""

import sys
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import SingleDeviceStrategy

from fercli.engine import training as module
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.training import train
from fercli.errors import ConfigError
from fercli.own_code import LOG
from fercli.pages.run import write_report
from fercli.runs import provenance as provenance_module
from fercli.runs.provenance import read_provenance


class SeenError(Exception):
    """Thrown where a test has seen enough."""


def test_a_run_is_evaluated_on_the_device_that_it_was_trained_on(digits_config, monkeypatch):
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


class CrashError(Exception):
    """What a power cut is to a test."""


class CrashAfter(pl.Callback):
    """Die when so many epochs are over."""

    def __init__(self, epochs):
        self.epochs = epochs

    def on_train_epoch_start(self, trainer, pl_module):
        if trainer.current_epoch == self.epochs:
            raise CrashError


def test_a_run_that_continues_remembers_who_began_it(digits_config, few_figures, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["fercli", "train", "seed=0"])
    monkeypatch.setattr(provenance_module, "commit", lambda: "first")
    with pytest.raises(CrashError):
        train(digits_config(), [], [CrashAfter(1)])
    monkeypatch.setattr(sys, "argv", ["fercli", "train", "seed=0", "trainer.num_workers=0"])
    monkeypatch.setattr(provenance_module, "commit", lambda: "second")
    run = train(digits_config(), [])
    origin = read_provenance(run.path)
    assert origin["command"] == "fercli train seed=0 trainer.num_workers=0"
    parts = [(part["first_step"], part["git"], part["command"]) for part in origin["parts"]]
    assert parts == [(0, "first", "fercli train seed=0"), (6, "second", origin["command"])]
    page = write_report(Reevaluation.prepared(run).evaluate()).read_text()
    assert "first, then second" in page


def test_a_run_that_begins_anew_does_not(digits_config):
    with pytest.raises(CrashError):
        train(digits_config(), [], [CrashAfter(1)])
    run = train(digits_config(), [], resume=False)
    assert [part["first_step"] for part in read_provenance(run.path)["parts"]] == [0]


def test_an_error_in_code_of_the_user_leaves_its_traceback_in_the_run_folder(digits_config, monkeypatch, tmp_path):
    (tmp_path / "our_losses.py").write_text("def loss(logits):\n    return logits @ logits\n")
    monkeypatch.syspath_prepend(tmp_path)
    own = "{_target_: fercli.losses.objective.Term, loss: {_target_: our_losses.loss, _partial_: true}}"
    cfg = digits_config(f"+loss.own={own}")
    with pytest.raises(RuntimeError) as raised:
        train(cfg, [])
    (folder,) = Path(cfg.runs).glob("*/seed*")
    assert raised.value.__notes__ == [f"the traceback is in {folder / LOG}"]
    assert "return logits @ logits" in (folder / LOG).read_text()
    (tmp_path / "our_losses.py").write_text("def loss(logits):\n    return logits.mean()\n")
    monkeypatch.setattr(sys.modules["our_losses"], "loss", lambda logits: logits.mean())
    assert train(cfg, []).path == folder
    assert not (folder / LOG).exists()


@pytest.mark.parametrize(
    "refused",
    ["trainer.accelerator=gpu", "trainer.precision=77", "trainer.devices=7", "+logger.own={_target_: no.Such}"],
)
def test_a_training_whose_options_are_refused_leaves_no_folder(digits_config, refused):
    cfg = digits_config(refused)
    with pytest.raises(ConfigError):
        train(cfg, [])
    assert not Path(cfg.runs).exists()
