"""Weights & Biases (https://docs.wandb.ai): one training is one run there, over all interruptions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from pytorch_lightning.loggers import WandbLogger
from pytorch_lightning.utilities.rank_zero import rank_zero_only

from fercli.trackers.record import remember, tracked_as

NAME = "wandb"
# The output of the terminal and the code stay here. Without an end to waiting, a broken network would hold the job.
SETTINGS = {"quiet": True, "console": "off", "save_code": False, "finish_timeout": 600}


class Wandb(WandbLogger):
    """Lightning's logger, for the run of the tracker that the run folder remembers.

    Args:
        save_dir: folder of the run.
        mode: `online`, `offline` (files for `wandb sync`), or None for that of `WANDB_MODE`.
        options: of `wandb.init`, such as `project` and `entity`.

    Raises:
        ModuleNotFoundError: wandb is not installed.
    """

    def __init__(self, save_dir: Path, mode: str | None = None, **options: Any) -> None:
        self.folder = Path(save_dir)
        name = f"{self.folder.parent.name}-{self.folder.name}"
        super().__init__(name=name, save_dir=save_dir, mode=mode, settings=SETTINGS, **options)

    @property
    def experiment(self) -> Any:
        """The run of wandb. The id is recorded before wandb hears of it, so that no run is ever lost."""
        if self._experiment is None and rank_zero_only.rank == 0:  # type: ignore[attr-defined]
            if (identity := tracked_as(self.folder, NAME)) is None:
                remember(self.folder, NAME, identity := uuid4().hex)
            self._id = self._wandb_init["id"] = identity
        return super().experiment

    @rank_zero_only
    def keep_files(self, kind: str, files: Mapping[str, Path]) -> None:
        """Upload files as one artifact; images and pages are shown on the page of the run as well.

        Args:
            kind: what they belong to, `training` or an evaluation; a second upload is a new version.
            files: path by name; a name may have folders.
        """
        import wandb

        run = self.experiment
        artifact = wandb.Artifact(f"{self.folder.parent.name}-{self.folder.name}-{kind}", type="results")
        for name, path in files.items():
            artifact.add_file(str(path), name=name)
        run.log_artifact(artifact)
        shown: dict[str, Any] = {name: wandb.Image(str(path)) for name, path in files.items() if path.suffix == ".png"}
        shown |= {name: wandb.Html(str(path), inject=False) for name, path in files.items() if path.suffix == ".html"}
        if shown:
            run.log({f"{kind}/{name}": value for name, value in shown.items()})

    @rank_zero_only
    def close(self, failed: bool) -> None:
        """Upload what is left, and end the run for this process."""
        if self._experiment is not None:
            self._experiment.finish(exit_code=int(failed))
            self._experiment = None
