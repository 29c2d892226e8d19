"""Read a finished run: its configuration, its method, its numbers."""

from pathlib import Path
from typing import Any

from fercli.catalog import top_level_keys
from fercli.config import Config, compose, load
from fercli.engine.build import rebuild_method
from fercli.engine.weights import load_weights
from fercli.errors import RunError
from fercli.facts import KEYS
from fercli.methods.base import Method
from fercli.runs.folder import RunFolder
from fercli.runs.scale import scale_of_run

AT_THE_START = ("init",)  # options that only the start of a training reads


def reload(run: RunFolder, *, trust: bool = False) -> tuple[Config, Method, dict[str, Any]]:
    """Return the configuration of a finished run, its method with the chosen weights, and its `metrics.json`.

    Raises:
        RunError: the run is not finished, or a file of it is missing or damaged.
        ConfigError: its configuration asks for code outside the parts of experiments, and `trust` is not given.
    """
    if not run.finished:
        raise RunError(f"{run.path} is not finished; the command that started it continues it")
    if "external" in run.read_metrics():
        raise RunError(f"{run.path} holds predictions of others: there is no network to evaluate or to predict with")
    if "cross_validation" in run.read_metrics():
        raise RunError(
            f"{run.path} joins the folds of a cross-validation: there is no network to evaluate or to predict with; "
            "name the run of one fold"
        )
    run.require_sound(run.config, run.path / "provenance.json", run.weights)
    cfg = load(run.config, trust=trust)
    require_complete(cfg, run.config)
    recorded = run.read_metrics()
    method = rebuild_method(cfg, recorded["data"]["classes"], scale_of_run(run))
    load_weights(method, run.weights)
    return cfg, method, recorded


def require_complete(cfg: Config, path: Path) -> None:
    """Check that the configuration of a run has all keys that this version of fercli reads.

    Args:
        path: of the configuration, for the message.

    Raises:
        RunError: a key is missing.
    """
    missing = [key for key in top_level_keys("train") if key not in cfg and key not in AT_THE_START]
    missing = missing or [f"trainer.{key}" for key in compose("train", []).trainer if key not in cfg.trainer]
    missing = missing or [
        f"metrics.{name}.{key}" for name in cfg.metrics for key in KEYS if key not in cfg.metrics[name]
    ]
    if missing:
        raise RunError(f"{path} lacks {', '.join(missing)}: it is damaged, or another version of fercli wrote it")
