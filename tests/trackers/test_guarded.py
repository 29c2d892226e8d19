import warnings

import pytest
from pytorch_lightning.loggers import Logger

from fercli.trackers.guarded import Guarded


class FullDisk(Logger):
    """Works once."""

    name = version = None

    def __init__(self):
        self.logged = []

    def log_hyperparams(self, params):
        raise KeyboardInterrupt

    def log_metrics(self, metrics, step=None):
        if self.logged:
            raise OSError(28, "No space left on device")
        self.logged.append((metrics, step))


def test_a_failure_is_said_once_and_nothing_more_is_logged():
    full = FullDisk()
    logger = Guarded("wandb", full)
    logger.log_metrics({"a": 1.0}, 0)
    with pytest.warns(UserWarning, match=r"logger=wandb has failed.*all numbers.*No space left on device"):
        logger.log_metrics({"a": 2.0}, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logger.log_metrics({"a": 3.0}, 2)
        logger.save()
        logger.finalize("success")
        logger.close(failed=False)
    assert full.logged == [({"a": 1.0}, 0)]
    assert logger.has_failed
    assert not logger.keeps_files


def test_an_interruption_by_the_user_is_no_failure():
    logger = Guarded("wandb", FullDisk())
    with pytest.raises(KeyboardInterrupt):
        logger.log_hyperparams({})
    assert not logger.has_failed
