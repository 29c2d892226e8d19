"""What is done to commands: kills, errors of the operating system, and damaged files. One tuple a case."""

import errno
import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.faults.child import Ended, Fault, killed_at, run
from benchmarks.faults.commands import COMMANDS, FINISHED, Place, stopped, words
from tests.faults import mutations

Case = tuple[str, str, str, str]  # what was done, to what, the outcome, what the command said last

NUMBERS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EMFILE, errno.EFBIG)
MISSED = ", which did not come"  # of a fault: the command ended before it
KINDS_OF_DAMAGE = 5  # that `mutations` draws before it repeats one
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


def kills(place: Place, most: int | None, seed: int, commands: Iterable[str] = COMMANDS) -> Iterator[Case]:
    """SIGKILL before each change of a file; the same command must then give what it gives undisturbed."""
    for command in commands:
        for number in _chosen(place.undisturbed[command].changes, most, seed):
            with place.copy(COMMANDS[command].needs) as folder:
                ended = run(folder, words(command, folder), killed_at(number))
                again = run(folder, words(command, folder))
                what = f"before change {number}" + ("" if ended.status == -signal.SIGKILL else MISSED)
                yield f"kill {command}", what, outcome(place, command, folder, again), _last(again)


def errors(place: Place, most: int, seed: int, commands: Iterable[str] = COMMANDS) -> Iterator[Case]:
    """An error at a file operation: one message, and the same command gives what it gives undisturbed."""
    for command in commands:
        operations = _chosen(place.undisturbed[command].operations, most, seed)
        for number, code in zip(operations, NUMBERS * (len(operations) // len(NUMBERS) + 1), strict=False):
            with place.copy(COMMANDS[command].needs) as folder:
                ended = run(folder, words(command, folder), _failing_at(number, code), reads=True)
                what = f"{errno.errorcode[code]} at operation {number}" + ("" if ended.operations > number else MISSED)
                found = _after_damage(place, command, folder, ended)
                if found == "refused":
                    again = run(folder, words(command, folder))
                    if not place.right(command, folder, again):
                        ended, found = again, outcome(place, command, folder, again)
                yield f"error in {command}", what, found, _last(ended)


def corruptions(place: Place, most: int, seed: int, names: Iterable[str] = READERS) -> Iterator[Case]:
    """Damage to each kind of file that fercli writes, read by the commands that read it."""
    rng = np.random.default_rng(seed)
    for offset, name in enumerate(names):  # a seed for each, so that a small sample has several kinds of damage
        readers = [command for command in READERS[name] if command in place.expected]
        rounds = max(KINDS_OF_DAMAGE, -(-most // len(readers)))
        cases = [(command, number) for number in range(rounds) for command in readers]
        for i in _chosen(len(cases), most, seed + offset):
            command, number = cases[i]
            with place.copy(FINISHED) as folder:
                file = _file(place, folder, name)
                whole = file.read_bytes()
                damaged = (case for case in mutations(whole, rng) if case[1] != whole)
                what, content = next(islice(damaged, number, None))
                file.write_bytes(content)
                ended = run(folder, words(command, folder))
                found = _after_damage(place, command, folder, ended)
                yield f"damage to {name}", f"{what}, {command}", found, _last(ended)


def _failing_at(number: int, code: int) -> Fault:
    def fail(now: int) -> None:
        if now == number:
            raise OSError(code, os.strerror(code))

    return fail


def _file(place: Place, folder: Path, name: str) -> Path:
    if name.startswith("store/"):
        return folder / name
    (run_folder,) = folder.glob("runs/softmax*/seed0")
    if name.startswith("checkpoints/"):  # of a run that was stopped at its end
        shutil.copytree(stopped(place), run_folder / "checkpoints", dirs_exist_ok=True)
        (run_folder / "metrics.json").unlink(missing_ok=True)
    return run_folder / name


def _chosen(number: int, most: int | None, seed: int) -> list[int]:
    if most is None or number <= most:
        return list(range(number))
    return sorted(np.random.default_rng(seed).choice(number, most, replace=False).tolist())


def outcome(place: Place, command: str, folder: Path, ended: Ended) -> str:
    """What came of a command: `continued right`, `refused`, or one of `wrong`, `traceback`, `crash`, `hang`."""
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
    """As `outcome`; tables may lack what is damaged where they say so, and verify must find it."""
    found = outcome(place, command, folder, ended)
    if found != "wrong":
        return found
    if command == "verify" and ended.status == 1:
        return "refused"
    if command in ("compare", "ablate") and ("left out" in ended.out or "left_out" in ended.out):
        try:
            numbers = COMMANDS[command].numbers(folder, ended)
        except Exception:
            return found
        return "left out" if numbers.items() <= place.expected[command].items() else found
    return found


def _last(ended: Ended) -> str:
    return (ended.err.strip().splitlines() or [""])[-1][:300]
