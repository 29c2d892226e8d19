"""MLflow (https://mlflow.org): one training is one run there, over all interruptions."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import MLFlowLogger
from pytorch_lightning.utilities.rank_zero import rank_zero_only

from fercli.runs.difference import flat
from fercli.trackers.record import remember, tracked_as

NAME = "mlflow"
# MLflow 3 refuses a folder as its store without the first. It prints among the results without the second. Without the
# others, it repeats a request for minutes while the training waits.
SETTINGS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


class Mlflow(MLFlowLogger):
    """Lightning's logger, for the run of the tracker that the run folder remembers.

    Args:
        save_dir: folder of the run.
        tracking_uri: address of the server; None for that of `MLFLOW_TRACKING_URI`, else the folder `mlruns` beside
            the runs.
        options: of Lightning's `MLFlowLogger`, such as `experiment_name`.

    Raises:
        ModuleNotFoundError: MLflow is not installed.
    """

    def __init__(self, save_dir: Path, tracking_uri: str | None = None, **options: Any) -> None:
        self.folder = Path(save_dir)
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or f"{self.folder.parents[1].absolute()}/mlruns"
        name = f"{self.folder.parent.name}-{self.folder.name}"
        super().__init__(tracking_uri=uri, run_name=name, **options)

    @property
    def experiment(self) -> Any:
        """The client of MLflow. On first use the run is created, or opened again if the run folder knows it."""
        if self._initialized or rank_zero_only.rank != 0:  # type: ignore[attr-defined]
            return super().experiment
        self._run_id = tracked_as(self.folder, NAME)
        if self._run_id is None:
            self._create_experiment()
            client = super().experiment
            remember(self.folder, NAME, str(self._run_id))
            return client
        client = super().experiment
        client.update_run(self._run_id, status="RUNNING")
        return client

    def _create_experiment(self) -> None:
        """Create the experiment, unless another training did, perhaps at this moment."""
        from mlflow.exceptions import MlflowException

        try:
            self._mlflow_client.create_experiment(self._experiment_name, self._artifact_location)
        except MlflowException:
            if self._mlflow_client.get_experiment_by_name(self._experiment_name) is None:
                raise

    @rank_zero_only
    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Log the configuration. What an earlier part of the training logged stays: MLflow never changes a value."""
        known = self.experiment.get_run(self.run_id).data.params
        named = {re.sub(r"[^\w/. :-]", "_", name): value for name, value in flat(params).items()}
        super().log_hyperparams({name: value for name, value in named.items() if name not in known})

    @rank_zero_only
    def keep_files(self, kind: str, files: Mapping[str, Path]) -> None:
        """Upload files as artifacts.

        Args:
            kind: folder for them, `training` or an evaluation; a second upload replaces the first.
            files: path by name; a name may have folders.
        """
        for name, path in files.items():
            self.experiment.log_artifact(self.run_id, str(path), str((Path(kind) / name).parent))

    @rank_zero_only
    def close(self, failed: bool) -> None:
        """End the run for this process."""
        self.finalize("failed" if failed else "success")
