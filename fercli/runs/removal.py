"""Move and delete run folders. A training run holds the lock of its folder, and neither happens to it."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from pathlib import Path

from fercli.checksums import digest_of
from fercli.errors import RunError
from fercli.runs.folder import RunFolder

OF_A_RUN = ("config.yaml", "metrics.json", "provenance.json", "checkpoints", ".lock")  # a run folder has one of these


def given_run(path: Path) -> RunFolder:
    """Return the run folder at a path that the user gives: finished or not, sound or damaged.

    Raises:
        RunError: it is no run folder, or a link to one.
    """
    path = path if len(path.parts) > 2 else Path(os.path.abspath(path))  # its parents are needed
    if path.is_symlink():
        raise RunError(f"{path} is a link; give the folder that it leads to")
    if not re.fullmatch(r"seed\d+", path.name) or not any((path / name).exists() for name in OF_A_RUN):
        seeds = sorted(str(seed) for seed in path.glob("seed*") if seed.is_dir())
        hint = f"; it holds the runs {', '.join(seeds)}" if seeds else ""
        raise RunError(f"expected a run folder, such as runs/<name>/seed0, in {path}; found none{hint}")
    return RunFolder(path)


def delete_run(run: RunFolder) -> None:
    """Delete a run folder with its log. No reader ever sees a part of it.

    Raises:
        RunError: a process trains in it.
    """
    doomed = run.path.with_name(f".{secrets.token_hex(8)}.deleted")
    with run.lock():
        run.path.rename(doomed)
    shutil.rmtree(doomed)
    run.path.with_suffix(".log").unlink(missing_ok=True)
    _drop_empty(run.path.parent)


def move_run(run: RunFolder, runs: Path) -> RunFolder:
    """Move a run folder with its log into another folder of runs, also to another disk.

    Raises:
        RunError: a process trains in it; or the other folder already holds this run.
    """
    target = runs / run.path.parent.name / run.path.name
    if os.path.lexists(target):
        raise RunError(f"{target} already exists; nothing was moved")
    with run.lock():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(run.path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(run.path, target)
            shutil.rmtree(run.path)
    log = run.path.with_suffix(".log")
    if log.is_file():
        shutil.move(log, target.with_suffix(".log"))
    _drop_empty(run.path.parent)
    return RunFolder(target)


def last_change(run: RunFolder) -> float:
    """Return how many seconds ago a file of the run, or its log, was written last."""
    files = [*run.path.glob("*"), *run.path.glob("checkpoints/*"), run.path.with_suffix(".log")]
    times = [file.lstat().st_mtime for file in files if file.is_file() and file.name != ".lock"]
    return time.time() - max(times, default=run.path.lstat().st_mtime)


def size_of(run: RunFolder) -> int:
    """Return the bytes of all files of a run; links are not followed."""
    return sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(run.path) for name in names)


def _copy(source: Path, target: Path) -> None:
    """Copy a folder to another disk, complete or not at all, and compare every file.

    Raises:
        RunError: a copied file is not what was read.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        shutil.copytree(source, part, symlinks=True)
        for folder, _, names in os.walk(source):
            for name in names:
                file = Path(folder, name)
                copy = part / file.relative_to(source)
                if not file.is_symlink() and digest_of(file) != digest_of(copy):
                    raise RunError(f"{copy} is not what was copied from {file}; the run stays where it was")
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _drop_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # other seeds lie in it
        folder.rmdir()
