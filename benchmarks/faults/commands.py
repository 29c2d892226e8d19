"""The commands that are broken: what each needs, what it leaves, and the numbers by which a right result is known."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from benchmarks.faults.child import Ended, killed_at, run

STORE = "data=folder raw=raw store=store data.size=28 detector=none num_workers=0 shard_rows=16"
TRAIN = (
    "data=folder store=store runs=runs backbone=lenets augment=none augment.size=28 trainer.max_epochs=2 "
    "trainer.batch_size=8 trainer.accelerator=cpu trainer.num_workers=0 logger=none optimizer.lr=0.01"
)
STUDY = f"""
title: Two methods
source: none
table: none
data: folder
seeds: [0]
metrics: [accuracy]
base: [{", ".join(word for word in TRAIN.split() if not word.startswith(("data=", "store=", "runs=")))}]
rows:
  - label: softmax
    overrides: [method=softmax]
"""


@dataclass(frozen=True)
class Command:
    """A command of fercli.

    Attributes:
        arguments: with `{run}` for the folder of the run.
        numbers: what it says and leaves, for equality with an undisturbed one.
        needs: the commands whose results it starts from, in their order.
    """

    arguments: str
    numbers: Callable[[Path, Ended], Any]
    needs: tuple[str, ...] = ()


def _store(folder: Path, ended: Ended) -> Any:
    """Every file but the plan, of which another spelling may say the same."""
    files = sorted(path for path in (folder / "store").rglob("*") if path.is_file() and path.name != "plan.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _values(document: dict[str, Any]) -> dict[str, Any]:
    return {name: score["value"] for name, score in document["metrics"].items()}


def _run(folder: Path, ended: Ended) -> Any:
    (run_folder,) = (folder / "runs").glob("softmax*/seed0")
    frame = pd.read_parquet(run_folder / "predictions.parquet")
    return _values(json.loads((run_folder / "metrics.json").read_text())), frame.round(6).to_csv()


def _printed(folder: Path, ended: Ended) -> Any:
    return _values(json.loads(ended.out))


def _cells(folder: Path, ended: Ended) -> Any:
    """Every number of the tables, by block, row and column."""
    document = json.loads(ended.out)
    tables = [document] if "blocks" in document else [document["table"]]
    return {
        (block["title"], row["label"], key): cell.get("value")
        for table in tables
        for block in table["blocks"]
        for row in block["rows"]
        for key, cell in row["cells"].items()
        if cell.get("value") is not None
    }


def _predicted(folder: Path, ended: Ended) -> Any:
    return pd.read_csv(folder / "out" / "predictions.csv").round(5).to_csv()


def _verified(folder: Path, ended: Ended) -> Any:
    return json.loads(ended.out)["sound"]


FINISHED = ("preprocess", "train")
COMMANDS = {
    "preprocess": Command(f"preprocess {STORE}", _store),
    "train": Command(f"train method=softmax {TRAIN}", _run, ("preprocess",)),
    "eval": Command("eval {run} --json", _printed, FINISHED),
    "compare": Command("compare data=folder runs=runs --format json", _cells, FINISHED),
    "ablate": Command("ablate tiny --config-dir conf store=store runs=runs --collect --json", _cells, FINISHED),
    "predict": Command("predict raw/test/fear/0.png --run {run} --out out", _predicted, FINISHED),
    "verify": Command("verify runs store --json", _verified, FINISHED),
}


@dataclass(frozen=True)
class Place:
    """Templates of folders to break commands in, and what each command gives there undisturbed.

    Attributes:
        expected: the numbers of each command that was asked for.
        undisturbed: how it ended.
    """

    folder: Path
    expected: dict[str, Any]
    undisturbed: dict[str, Ended]

    @contextmanager
    def copy(self, needs: tuple[str, ...]) -> Iterator[Path]:
        """A fresh folder as these commands leave it."""
        target = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copytree(_after(self.folder, needs), target, symlinks=True, dirs_exist_ok=True)
        try:
            yield target
        finally:
            shutil.rmtree(target, ignore_errors=True)

    def right(self, command: str, folder: Path, ended: Ended) -> bool:
        """Whether a command gave what it gives undisturbed."""
        try:
            return bool(COMMANDS[command].numbers(folder, ended) == self.expected[command])
        except Exception:
            return False


def words(command: str, folder: Path) -> list[str]:
    """The arguments of a command in a folder."""
    runs = sorted(folder.glob("runs/softmax*/seed0"))
    run_folder = str(runs[0].relative_to(folder)) if runs else "runs/none/seed0"
    return COMMANDS[command].arguments.format(run=run_folder).split()


def prepare(folder: Path, commands: Iterable[str] = COMMANDS) -> Place:
    """Draw raw data, and run each of the commands once undisturbed, and once each that they need."""
    _draw(_after(folder, ()))
    place = Place(folder, {}, {})
    for name in commands:
        with place.copy(COMMANDS[name].needs) as after:
            ended = run(after, words(name, after))
            assert ended.status == 0, f"{name} fails undisturbed: {ended.err}"
            place.expected[name], place.undisturbed[name] = COMMANDS[name].numbers(after, ended), ended
    return place


def _after(folder: Path, needs: tuple[str, ...]) -> Path:
    """The template that these commands leave; it is made when it is first asked for."""
    template = folder / "after" / "_".join(("nothing", *needs))
    if needs and not template.exists():
        shutil.copytree(_after(folder, needs[:-1]), template)
        assert run(template, words(needs[-1], template)).status == 0, f"{needs[-1]} fails undisturbed"
    return template


def stopped(place: Place) -> Path:
    """The checkpoints of a training that was killed at its end, when it had written all but its metrics."""
    kept, train = place.folder / "stopped", COMMANDS["train"]
    number = 0 if kept.exists() else place.undisturbed["train"].changes
    while number := number - 1 if number else 0:
        with place.copy(train.needs) as folder:
            run(folder, words("train", folder), killed_at(number))
            (found,) = folder.glob("runs/softmax*/seed0")
            if not (found / "metrics.json").is_file() and (found / "checkpoints" / "best.ckpt").is_file():
                shutil.copytree(found / "checkpoints", kept)
                break
    return kept


def _draw(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for split, number in (("train", 16), ("val", 8), ("test", 8)):
        for level, name in ((60, "fear"), (180, "happiness")):
            for i in range(number):
                path = folder / "raw" / split / name / f"{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), rng.normal(level, 60, (28, 28, 3)).clip(0, 255).astype(np.uint8))
    study = folder / "conf" / "study" / "tiny.yaml"
    study.parent.mkdir(parents=True)
    study.write_text(STUDY)
