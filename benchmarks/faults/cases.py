"""What is done to commands: kills, errors of the operating system, and damaged files. One tuple a case."""

import errno
import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.faults.child import Ended, Fault, killed_at, run
from benchmarks.faults.commands import COMMANDS, Place, words
from tests.faults import mutations

Case = tuple[str, str, str, str]  # what was done, to what, the outcome, what the command said last

NUMBERS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EMFILE, errno.EFBIG)
# Files that fercli writes, and the commands that read them.
READERS = {
    "store/dataset.json": ("preprocess", "train", "eval", "verify"),
    "store/SHA256SUMS": ("preprocess", "train", "eval", "verify"),
    "store/rejects.parquet": ("preprocess", "train", "verify"),
    "store/plan.json": ("preprocess", "train"),
    "store/shards/00000.arrow": ("preprocess", "train", "eval", "verify"),
    "store/shards/00000.json": ("preprocess", "train"),
    "config.yaml": ("train", "eval", "compare", "ablate", "predict", "verify"),
    "metrics.json": ("train", "eval", "compare", "ablate", "predict", "verify"),
    "SHA256SUMS": ("train", "eval", "compare", "ablate", "predict", "verify"),
    "predictions.parquet": ("eval", "compare", "ablate", "verify"),
    "weights.ckpt": ("eval", "ablate", "predict", "verify"),
    "history.csv": ("eval", "ablate", "verify"),
    "provenance.json": ("train", "eval", "predict", "verify"),
    "overrides.txt": ("compare", "ablate", "verify"),
    "vectors.parquet": ("eval", "ablate", "verify"),
    "checkpoints/last.ckpt": ("train", "verify"),
    "checkpoints/best.ckpt": ("train", "verify"),
}


def kills(place: Place, most: int | None, seed: int) -> Iterator[Case]:
    """SIGKILL before each change of a file; the same command must then give what it gives undisturbed."""
    for command in COMMANDS:
        for number in _chosen(_operations(place, command, reads=False), most, seed):
            with place.copy(command) as folder:
                run(folder, words(command, folder), killed_at(number))
                again = run(folder, words(command, folder))
                outcome = _outcome(place, command, folder, again)
                yield f"kill {command}", f"before change {number}", outcome, _last(again)


def errors(place: Place, most: int, seed: int) -> Iterator[Case]:
    """An error at a file operation: one message, and the same command gives what it gives undisturbed."""
    for command in COMMANDS:
        operations = _chosen(_operations(place, command, reads=True), most, seed)
        for number, code in zip(operations, NUMBERS * (len(operations) // len(NUMBERS) + 1), strict=False):
            with place.copy(command) as folder:
                ended = run(folder, words(command, folder), _failing_at(number, code), reads=True)
                outcome = _after_damage(place, command, folder, ended)
                if outcome == "refused":
                    again = run(folder, words(command, folder))
                    if not place.right(command, folder, again):
                        ended, outcome = again, _outcome(place, command, folder, again)
                yield f"error in {command}", f"{errno.errorcode[code]} at operation {number}", outcome, _last(ended)


def corruptions(place: Place, most: int, seed: int) -> Iterator[Case]:
    """Damage to each kind of file that fercli writes, read by each command that reads it."""
    rng = np.random.default_rng(seed)
    for name, readers in READERS.items():
        for command in readers:
            for folder, what in islice(_damaged(place, command, name, rng), max(1, most // len(readers))):
                ended = run(folder, words(command, folder))
                outcome = _after_damage(place, command, folder, ended)
                yield f"damage to {name}", f"{what}, {command}", outcome, _last(ended)


def _failing_at(number: int, code: int) -> Fault:
    def fail(now: int) -> None:
        if now == number:
            raise OSError(code, os.strerror(code))

    return fail


def _damaged(place: Place, command: str, name: str, rng: np.random.Generator) -> Iterator[tuple[Path, str]]:
    with place.copy("eval") as folder:
        file = _file(folder, name)
        for what, content in mutations(file.read_bytes(), rng):
            if content == file.read_bytes():
                continue
            with place.copy("eval") as again:
                if command == "ablate":
                    shutil.copytree(place.folder / "before" / command / "conf", again / "conf", dirs_exist_ok=True)
                _file(again, name).write_bytes(content)
                yield again, what


def _file(folder: Path, name: str) -> Path:
    if name.startswith("store/"):
        return folder / name
    (run_folder,) = folder.glob("runs/softmax*/seed0")
    if name.startswith("checkpoints/"):  # of a run that was stopped at its end
        (run_folder / "checkpoints").mkdir(exist_ok=True)
        for checkpoint in ("last.ckpt", "best.ckpt"):
            shutil.copy(folder / "stopped" / checkpoint, run_folder / "checkpoints" / checkpoint)
        (run_folder / "metrics.json").unlink(missing_ok=True)
    return run_folder / name


def _operations(place: Place, command: str, reads: bool) -> int:
    with place.copy(command) as folder:
        return run(folder, words(command, folder), reads=reads).operations


def _chosen(number: int, most: int | None, seed: int) -> list[int]:
    if most is None or number <= most:
        return list(range(number))
    return sorted(np.random.default_rng(seed).choice(number, most, replace=False).tolist())


def _outcome(place: Place, command: str, folder: Path, ended: Ended) -> str:
    if ended.status is None:
        return "hang"
    if ended.status < 0:
        return "crash"
    if "Traceback" in ended.err:
        return "traceback"
    if ended.status == 2 and ended.err.lstrip().rpartition("error: ")[2]:
        return "refused"
    return "continued right" if place.right(command, folder, ended) else "wrong"


def _after_damage(place: Place, command: str, folder: Path, ended: Ended) -> str:
    """As `_outcome`; tables may lack what is damaged where they say so, and verify must find it."""
    outcome = _outcome(place, command, folder, ended)
    if outcome != "wrong":
        return outcome
    if command == "verify" and ended.status == 1:
        return "refused"
    if command in ("compare", "ablate") and ("left out" in ended.out or "left_out" in ended.out):
        try:
            numbers = COMMANDS[command].numbers(folder, ended)
        except Exception:
            return outcome
        return "left out" if numbers.items() <= place.expected[command].items() else outcome
    return outcome


def _last(ended: Ended) -> str:
    return (ended.err.strip().splitlines() or [""])[-1][:300]
