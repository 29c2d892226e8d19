"""Check the plain options of a training before anything is built, with an error of one sentence."""

from typing import Any

from fercli.config import Config, plain
from fercli.datasets.together import TWINS
from fercli.engine.profiler import PROFILERS
from fercli.errors import ConfigError, choose
from fercli.runs.identity import num_processes

WHOLE = {  # key: smallest value
    "seed": 0,
    "num_train_rows": 1,
    "trainer.max_epochs": 1,
    "trainer.max_steps": 1,
    "trainer.batch_size": 1,
    "trainer.accumulate_grad_batches": 1,
    "selection.patience": 1,
}
NUMBERS = {
    "selection.holdout": 0.0,
    "train_share": 0.0,
    "trainer.checkpoint_every_minutes": 0.0,
    "trainer.ema_decay": 0.0,
}
SWITCHES = ("trainer.global_batch", "trainer.compile", "trainer.channels_last")
OPTIONAL = (  # may be null
    *("num_train_rows", "train_share", "selection.patience"),
    *("trainer.max_epochs", "trainer.max_steps", "trainer.ema_decay"),
)
OF_TRAINING_LOSS = {"selection.patience_steps": 1, "selection.average_steps": 1}


def check_options(cfg: Config) -> None:
    """Raise ConfigError for the first option that has the wrong kind, is too small, or names an unknown metric."""
    for key, smallest in WHOLE.items():
        _check(cfg, key, int, "a whole number", smallest)
    if cfg.selection.rule == "training_loss":
        for key, smallest in OF_TRAINING_LOSS.items():
            _check(cfg, key, int, "a whole number", smallest)
    if cfg.trainer.max_epochs is None and cfg.trainer.max_steps is None:
        raise ConfigError("expected a number for trainer.max_epochs or trainer.max_steps, found none: give one of them")
    for key, least in NUMBERS.items():
        _check(cfg, key, (int, float), "a number", least)
    for key in SWITCHES:
        if not isinstance(value := _at(cfg, key), bool):
            raise ConfigError(f"expected {key}=true or false, found {value}")
    if not cfg.trainer.global_batch and num_processes(plain(cfg.trainer)) is None:
        raise ConfigError(
            "expected trainer.devices as a number with trainer.global_batch=false, because the losses depend on it; "
            f"found {cfg.trainer.devices}"
        )
    if cfg.trainer.num_workers != "auto":
        _check(cfg, "trainer.num_workers", int, "auto or a whole number", 0)
    choose("twins", cfg.twins, TWINS)
    choose("trainer.profiler", cfg.trainer.profiler, [None, *PROFILERS])
    monitor = cfg.selection.monitor
    choose("metric", monitor, [*cfg.metrics], " for selection.monitor")


def _check(cfg: Config, key: str, kind: Any, kind_name: str, smallest: float) -> None:
    value = _at(cfg, key)
    if value is None and key in OPTIONAL:
        return
    if isinstance(value, bool) or not isinstance(value, kind) or value < smallest:
        raise ConfigError(f"expected {key} as {kind_name}, at least {smallest}; found {value}")


def _at(cfg: Config, key: str) -> Any:
    value: Any = cfg
    for part in key.split("."):
        value = value[part]
    return value
