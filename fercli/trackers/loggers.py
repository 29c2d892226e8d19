"""The loggers of a training, and what they are given: configuration, lineage, history, metrics and files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fercli.config import Config, instantiate, plain
from fercli.errors import ConfigError
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import read_provenance
from fercli.trackers.guarded import Guarded

FILES = ("config.yaml", "overrides.txt", "provenance.json", "history.csv", "metrics.json")


@contextmanager
def loggers_of(cfg: Config, run: RunFolder) -> Iterator[list[Guarded]]:
    """Build the loggers that `logger` chooses, and close them at the end.

    Raises:
        ConfigError: a logger refuses its options, or its package is not installed.
    """
    built = [_build(key, node, run) for key, node in (cfg.logger or {}).items()]
    failed = True
    try:
        yield built
        failed = False
    finally:
        for logger in built:
            logger.close(failed)


def log_start(loggers: Sequence[Guarded], cfg: Config, run: RunFolder) -> None:
    """Log the configuration and the lineage of a training, before its first step."""
    for logger in loggers:
        logger.log_hyperparams(plain(cfg) | {"lineage": lineage(run)})


def lineage(run: RunFolder) -> dict[str, Any]:
    """Return where a run comes from: its id, code, data, and the run that it started from."""
    origin = read_provenance(run.path)
    found = {"run": str(run.path), "run_id": run.run_id, "commit": origin.get("git")}
    found["data_fingerprint"] = origin.get("data", {}).get("fingerprint")
    parent = origin.get("parent", {})
    return found | {f"parent_{key}": parent[key] for key in ("run", "run_id", "seed", "weights") if key in parent}


def log_results(loggers: Sequence[Guarded], run: RunFolder) -> None:
    """Log the metrics of the evaluation, and keep the files of a finished training, without weights and predictions."""
    result = run.read_metrics()
    scores = {f"evaluation/{name}": score["value"] for name, score in result["metrics"].items()}
    files = {name: run.path / name for name in FILES if (run.path / name).is_file()}
    for logger in loggers:
        logger.log_metrics(scores, step=result["steps"])
        logger.keep_files("training", files)


def trackers_of(cfg: Config) -> list[str]:
    """Return the keys of the loggers of a run that take files."""
    nodes = plain(cfg.logger) or {}
    return [key for key, node in nodes.items() if "fercli.trackers." in str(node)]


def log_evaluation(cfg: Config, run: RunFolder, page: Path) -> list[str]:
    """Upload the numbers, figures and page of an evaluation to the trackers of a run; return those that took them.

    Args:
        cfg: configuration of the run.
        run: the run.
        page: the page, with `metrics.json` and `figures/` beside it: in the run folder, or in that of the evaluation.
    """
    kind = "evaluation" if page.parent == run.path else page.parent.name
    figures = {f"figures/{path.name}": path for path in sorted((page.parent / "figures").glob("*.png"))}
    files = {name: run.path / name for name in ("config.yaml", "provenance.json")}
    files |= {"metrics.json": page.parent / "metrics.json", page.name: page} | figures
    with loggers_of(cfg, run) as loggers:
        trackers = [logger for logger in loggers if logger.keeps_files]
        for tracker in trackers:
            tracker.keep_files(kind, files)
    return [tracker.key for tracker in trackers if not tracker.has_failed]


def _build(key: str, node: Any, run: RunFolder) -> Guarded:
    if not isinstance(node, Mapping) or "_target_" not in node:
        raise ConfigError(
            f"expected a name of the logger above its _target_ in the yaml of logger; found {key}: {node}"
        )
    try:
        return Guarded(key, instantiate(node)(save_dir=run.path))
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"logger={key} needs a package that is not installed: pip install 'fercli[{key}]' ({error})"
        ) from None
    except TypeError as error:
        raise ConfigError(f"logger={key} refuses its options: {error}") from None
