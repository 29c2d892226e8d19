"""A logger that cannot stop a training: when it fails, it says so once and logs nothing more."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import Logger

MOST_CHARACTERS = 500  # of the message of a tracker


class Guarded(Logger):
    """Pass everything on to a logger of Lightning until that logger fails.

    The numbers of a run lie in its folder, so a server that does not answer or a full disk costs no result.

    Args:
        key: name of the logger for the user, such as `wandb`.
        logger: the logger.
    """

    def __init__(self, key: str, logger: Logger) -> None:
        self.key = key
        self.logger = logger
        self.has_failed = False

    @property
    def name(self) -> str | None:
        """Name of the experiment."""
        return self.key

    @property
    def version(self) -> str | int | None:
        """Nothing: asking some loggers for their version would contact a server."""
        return None

    @property
    def keeps_files(self) -> bool:
        """Whether it takes files, as trackers do."""
        return hasattr(self.logger, "keep_files")

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers of one step."""
        self._pass_on("log_metrics", metrics, step)

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Log the configuration."""
        self._pass_on("log_hyperparams", params, *args, **kwargs)

    def keep_files(self, kind: str, files: Mapping[str, Path]) -> None:
        """Upload files, if it takes files."""
        if self.keeps_files:
            self._pass_on("keep_files", kind, files)

    def save(self) -> None:
        """Write what is logged so far."""
        self._pass_on("save")

    def finalize(self, status: str) -> None:
        """Note how the training ended."""
        self._pass_on("finalize", status)

    def close(self, failed: bool) -> None:
        """End the run of the tracker for this process."""
        if hasattr(self.logger, "close"):
            self._pass_on("close", failed)

    def _pass_on(self, method: str, *args: Any, **kwargs: Any) -> None:
        if self.has_failed:
            return
        try:
            getattr(self.logger, method)(*args, **kwargs)
        except Exception as error:  # whatever it is: the libraries of trackers raise errors of many kinds
            self.has_failed = True
            reason = " ".join(str(error).split()) or type(error).__name__
            warnings.warn(
                f"logger={self.key} has failed and logs nothing more; the run goes on, and its folder holds all "
                f"numbers. It said: {reason[:MOST_CHARACTERS]}",
                stacklevel=1,  # a line of fercli: warnings of the calling library are not shown
            )
