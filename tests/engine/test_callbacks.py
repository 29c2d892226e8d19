"""What is said beside the steps: of attention that falls, and of an epoch that cannot be chosen."""

import warnings
from types import SimpleNamespace

import pytest
import torch

from fercli.engine.callbacks import Checkpoints, History
from fercli.engine.training import train
from fercli.errors import RunError
from fercli.files import write_text
from fercli.runs.folder import RunFolder


@pytest.fixture
def epochs_of(tmp_path):
    """The warnings of a training, by epoch, whose attention is on average this in each epoch; None: without any."""

    def after(*levels, is_main=True):
        history, told = History(tmp_path / "history.csv"), []
        strategy = SimpleNamespace(reduce=lambda value, reduce_op: value)
        optimizers = [SimpleNamespace(param_groups=[{"lr": 0.1}])]
        trainer = SimpleNamespace(strategy=strategy, optimizers=optimizers, global_step=1, is_global_zero=is_main)
        trainer.loggers = []
        for trainer.current_epoch, level in enumerate(levels):
            values = {} if level is None else {"train/mean_attention": torch.tensor(level)}
            trainer.callback_metrics = values | {"train/loss": torch.tensor(1.0)}
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                history.on_train_batch_end(trainer, None)
                history.on_train_epoch_end(trainer, SimpleNamespace(device="cpu"))
            told.append([str(warning.message) for warning in found])
        return told

    return after


def test_fallen_attention_is_told_in_the_epoch_in_which_it_falls(epochs_of):
    before, falls, stays = epochs_of(0.06, 0.04, 0.03)
    assert (before, stays) == ([], [])
    assert falls == [
        "attention weights have fallen to 0.040 on average: the sparse center loss hardly acts any more; "
        "head.normalize=mean prevents it"
    ]


def test_attention_that_is_low_from_the_first_epoch_is_told(epochs_of):
    assert [len(told) for told in epochs_of(0.01, 0.01)] == [1, 0]


def test_nothing_is_told_without_attention_nor_by_every_process(epochs_of):
    assert epochs_of(None, None) == [[], []]
    assert epochs_of(0.5, 0.01, is_main=False) == [[], []]


def test_an_epoch_that_no_metric_evaluates_ends_in_one_sentence(digits_config):
    cfg = digits_config("+metrics.accuracy.videos=_Freeform", "trainer.max_epochs=1")  # the digits are of no video
    with pytest.raises(
        RunError, match=r"expected a value of selection.monitor=accuracy after each epoch, found one of "
    ):
        train(cfg, [])


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, 2), (False, 1)])
def test_an_epoch_whose_value_is_not_a_number_is_the_best_only_until_another_has_one(tmp_path, higher_is_better, best):
    selection = SimpleNamespace(chooses_epoch=True, monitor="ours", patience=None)
    run = RunFolder(tmp_path)
    run.last.parent.mkdir()
    checkpoints = Checkpoints(run, selection, every_minutes=60)
    strategy = SimpleNamespace(reduce_boolean_decision=lambda mine, all: mine, barrier=lambda: None)
    trainer = SimpleNamespace(strategy=strategy, should_stop=False, is_global_zero=True)
    trainer.save_checkpoint = lambda path: write_text(path, str(trainer.current_epoch))
    method = SimpleNamespace(metrics={"ours": SimpleNamespace(higher_is_better=higher_is_better)})
    for trainer.current_epoch, value in enumerate([float("nan"), 0.2, 0.5, float("nan")]):
        trainer.callback_metrics = {"val/ours": torch.tensor(value)}
        checkpoints.on_train_epoch_end(trainer, method)
    assert checkpoints.best["epoch"] == best
    assert (run.best.read_text(), run.last.read_text()) == (str(best), "3")
