"""Run a command of fercli in a forked child, and break it at one of its file operations."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 180.0  # until a command counts as hanging
# Audit events of Python that change a file, and those that only look.
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Fault = Callable[[int], None]


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit status, minus the number of a signal, or None where it was hanging; what it said.

    Attributes:
        changes: operations that changed a file or its folder.
        operations: all operations on files, reading included.
    """

    status: int | None
    out: str
    err: str
    changes: int
    operations: int


def warm_up() -> None:
    """Load what commands need, so that a child starts at once. No thread may be running when it is forked."""
    for name in ("torch", "pytorch_lightning", "pandas", "matplotlib.figure", "sklearn.manifold", "torchvision"):
        importlib.import_module(name)
    for name in (
        "app",
        "train",
        "progress",
        "results",
        "cells",
        "launchers",
        "explain",
        "ablate",
        "compare",
        "evaluate",
    ):
        importlib.import_module(f"fercli.cli.{name}")
    for name in ("engine.training", "pages.run", "pages.study", "studies.verify", "preprocess.pipeline"):
        importlib.import_module(f"fercli.{name}")


def killed_at(number: int) -> Fault:
    """A SIGKILL before the operation of this number."""

    def kill(now: int) -> None:
        if now == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def run(folder: Path, arguments: list[str], fault: Fault | None = None, reads: bool = False) -> Ended:
    """Run `fercli` with these arguments in a folder.

    Args:
        fault: is called before each file operation below the folder, with its number from 0; may kill or raise.
        reads: the fault is called, with numbers of their own, before operations that only read as well.
    """
    out, err, count = folder / ".out", folder / ".err", folder / ".count"
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        _redirect(out, err)
        status = 1
        try:
            _inject(folder, fault, reads, count)
            sys.argv = ["fercli", *arguments]
            from fercli.cli.app import main

            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    status = _wait(child)
    read = [path.read_text(errors="replace") if path.is_file() else "" for path in (out, err, count)]
    for path in (out, err, count):
        path.unlink(missing_ok=True)
    return Ended(status, read[0], read[1], read[2].count("w"), len(read[2]))


def _redirect(out: Path, err: Path) -> None:
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))


def _inject(folder: Path, fault: Fault | None, reads: bool, count: Path) -> None:
    counter = os.open(count, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    root, number, inside = os.path.realpath(folder), 0, False

    def operation(writes: bool) -> None:
        nonlocal number, inside
        inside = True
        try:
            os.write(counter, b"w" if writes else b"r")
            if writes or reads:
                number += 1
                if fault is not None:
                    fault(number - 1)
        finally:
            inside = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if inside or event not in ("open", *CHANGES):
            return
        path = arguments[0]
        if not isinstance(path, str | bytes | os.PathLike):
            return
        text = os.path.join(root, os.fsdecode(path))
        if not text.startswith(root + os.sep) or os.path.basename(text) in (".out", ".err", ".count"):
            return
        operation(event != "open" or bool((arguments[2] or 0) & WRITING))

    sync = os.fsync

    def fsync(handle: int) -> None:
        operation(True)
        sync(handle)

    os.fsync = fsync
    sys.addaudithook(hook)


def _wait(child: int) -> int | None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
