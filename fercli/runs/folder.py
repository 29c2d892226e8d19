"""A run folder: everything about one training, written once. Tables are made from run folders alone.

<runs>/<method>_<data>_<backbone>_<run id>/seed<k>/
  config.yaml overrides.txt provenance.json      what was run, where
  history.csv                                    one row per epoch
  checkpoints/last.ckpt best.ckpt                only until the run is finished; a stopped run continues from last.ckpt
  weights.ckpt                                   weights of the epoch that the selection rule chose
  predictions.parquet
  noise.csv                                      the training rows whose label was changed on purpose (noise=)
  vectors.parquet                                weight vectors of the classes, valence and arousal: a column each
  embeddings.parquet                             deep features of some evaluated samples
  pairs_untrained.parquet pairs.parquet          cosines of some pairs of samples with scores, before and after training
  SHA256SUMS                                     checksums of all these files, verified before the files are used
  metrics.json                                   written atomically, last: a run that has it is finished
  notes.json                                     tags and a note of the user, if there are any
  profile/                                       report of the profiler, where trainer.profiler chose one
  failure.txt                                    the error that ended the training, until the run starts again
  traceback.log                                  of an error in code of the user, likewise
  figures/ report.html eval/                     written by `fercli eval`: pages, and results of later evaluations
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from glob import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fercli.checksums import FILE as SUMS
from fercli.checksums import digest, require_sound, seal, sums_of
from fercli.errors import RunError, reading
from fercli.files import content_of, locked, write_whole
from fercli.runs.identity import run_id
from fercli.taxonomy import is_of_classes

if TYPE_CHECKING:
    import pandas as pd

METRICS = "metrics.json"
PUT_BACK = "put it back from a copy, or delete the folder and train the run again"
# The files of a finished run, besides metrics.json.
SEALED = (
    *("config.yaml", "overrides.txt", "provenance.json", "history.csv", "weights.ckpt", "predictions.parquet"),
    *("vectors.parquet", "embeddings.parquet", "pairs_untrained.parquet", "pairs.parquet", "noise.csv", "notes.json"),
)


@dataclass(frozen=True)
class RunFolder:
    """Paths and state of one run."""

    path: Path

    @classmethod
    def of(cls, runs: str | Path, config: dict[str, Any], data_fingerprint: str) -> "RunFolder":
        """Return the folder in which a configuration runs."""
        chosen, data = config["choices"], config["data"]["name"]
        name = "_".join([chosen["method"], data, chosen["backbone"], run_id(config, data_fingerprint)])
        return cls(Path(runs) / name.replace("/", "-") / f"seed{config['seed']}")

    @classmethod
    def existing(cls, path: str | Path) -> "RunFolder":
        """Return the run folder at a path that the user gives.

        Raises:
            RunError: it is no run folder.
        """
        folder = cls(Path(path))
        if not folder.config.is_file():
            seeds = sorted(p.parent for p in Path(path).glob("*/config.yaml"))
            hint = f"; it holds the runs {', '.join(map(str, seeds))}" if seeds else ""
            raise RunError(f"expected a run folder with a config.yaml in {path}; found none{hint}")
        return folder

    @property
    def run_id(self) -> str:
        """Id of the experiment, the same for all its seeds."""
        return self.path.parent.name.rpartition("_")[2]

    @property
    def config(self) -> Path:
        """The resolved configuration."""
        return self.path / "config.yaml"

    @property
    def failure(self) -> Path:
        """The error that ended the training, as one line."""
        return self.path / "failure.txt"

    @property
    def last(self) -> Path:
        """The checkpoint that a stopped run continues from."""
        return self.path / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint of the epoch that the selection rule chose."""
        return self.path / "checkpoints" / "best.ckpt"

    @property
    def weights(self) -> Path:
        """The weights that a finished run was evaluated with; its checkpoints are deleted."""
        return self.path / "weights.ckpt"

    @property
    def vectors(self) -> Path:
        """The weight vectors of the classes, valence and arousal."""
        return self.path / "vectors.parquet"

    @property
    def embeddings(self) -> Path:
        """Deep features of some evaluated samples."""
        return self.path / "embeddings.parquet"

    @property
    def pairs(self) -> Path:
        """Cosines of pairs of samples and the differences of their scores, from the evaluated weights."""
        return self.path / "pairs.parquet"

    @property
    def pairs_untrained(self) -> Path:
        """The same pairs, from the weights before the first step."""
        return self.path / "pairs_untrained.parquet"

    @property
    def profile(self) -> Path:
        """Folder with the report of the profiler."""
        return self.path / "profile"

    @property
    def notes(self) -> Path:
        """Tags and a note of the user."""
        return self.path / "notes.json"

    @property
    def metrics(self) -> Path:
        """The file that is written last: its presence means that the run is finished."""
        return self.path / METRICS

    def evaluation(self, data: str, split: str, fingerprint: str, kind: str = "") -> "RunFolder":
        """Return the folder of an evaluation of the finished run, with its `metrics.json`, predictions and page.

        Args:
            data: name of the store that it is evaluated on.
            split: name of the evaluated split.
            fingerprint: fingerprint of this store.
            kind: key of the fitted classifier or of the evaluated classes; empty for all predictions of the run itself.
        """
        parts = [data, split, fingerprint[:8], *([kind] if kind else [])]
        return RunFolder(self.path / "eval" / "-".join(parts))

    def evaluations_of_classifiers(self, fingerprint: str) -> list[Path]:
        """Return the finished evaluations of fitted classifiers on the store with this fingerprint."""
        pattern = f"*-{escape(fingerprint[:8])}-*/{self.metrics.name}"
        found = (path.parent for path in (self.path / "eval").glob(pattern))
        return sorted(path for path in found if not is_of_classes(path.name))

    @property
    def predictions(self) -> Path:
        """Labels and predictions of the evaluated samples."""
        return self.path / "predictions.parquet"

    def finish(self, content: dict[str, Any]) -> None:
        """Write the checksums of all files, and `metrics.json` last."""
        encoded = _encoded(content)
        seal(self.path, SEALED, {self.metrics.name: encoded})
        write_whole(self.metrics, encoded)

    def read_metrics(self) -> dict[str, Any]:
        """Read `metrics.json`.

        Raises:
            FileNotFoundError: the run is not finished.
            RunError: it is damaged, or was changed by hand.
        """
        file = f"{self.path}{os.sep}{METRICS}"  # quicker than a path, for thousands of runs
        content = content_of(file)
        sums = sums_of(self.path)
        if digest(content) != sums.get(METRICS):
            raise RunError(f"{file} is damaged or was changed by hand: its sum is not that in {SUMS}; {PUT_BACK}")
        with reading(file, "the numbers of a run", error=RunError, remedy=PUT_BACK):
            found = json.loads(content)
        if not isinstance(found, dict):
            raise RunError(f"{file} is damaged: expected keys with values; {PUT_BACK}")
        return found

    def require_sound(self, *files: Path) -> None:
        """Check that files are unchanged since the run was finished.

        Raises:
            RunError: one of them is missing, damaged, or changed by hand.
        """
        names = [str(file.relative_to(self.path)) for file in files]
        require_sound(self.path, names, remedy=PUT_BACK)

    @property
    def finished(self) -> bool:
        """Whether training and evaluation are finished."""
        return self.metrics.is_file()

    def drop_checkpoints(self) -> None:
        """Delete the checkpoints, which only a stopped run needs; with the optimizer's state they are large."""
        shutil.rmtree(self.path / "checkpoints", ignore_errors=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder against a second process; the lock ends with the process, even if it is killed.

        Raises:
            RunError: another process holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            for last in (False, True):
                try:
                    held.enter_context(locked(self.path / ".lock"))
                    break
                except BlockingIOError:
                    if last:
                        raise RunError(
                            f"another process is training in {self.path}; wait for it, or choose another seed"
                        ) from None
                    time.sleep(0.2)  # `run_state` takes the lock for an instant to see whether a run is running
            yield


def read_table(path: Path) -> "pd.DataFrame | None":
    """Read a Parquet table for figures; None where it is missing or damaged, since no number depends on it."""
    import pandas as pd  # slow, and no training needs it here

    try:
        with reading(path, "a table", error=RunError):
            return pd.read_parquet(BytesIO(path.read_bytes()))
    except (OSError, RunError):
        return None


def read_history(run: RunFolder) -> "pd.DataFrame | None":
    """Read `history.csv` by epoch, for figures; None where it is missing or damaged, since no number depends on it."""
    import pandas as pd

    path = run.path / "history.csv"
    try:
        with reading(path, "one row an epoch", error=RunError):
            return pd.read_csv(path).set_index("epoch").astype(float)
    except (OSError, RunError):
        return None


def write_json(path: Path, content: Any) -> None:
    """Write the file atomically: a reader sees the old file or the new one, never a part."""
    write_whole(path, _encoded(content))


def _encoded(content: Any) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()
