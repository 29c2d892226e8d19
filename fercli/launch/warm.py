"""Start commands at once: one server process loads the libraries, and forks a clean child for each command."""

import atexit
import importlib
import os
import pkgutil
import runpy
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing import get_context, resource_tracker
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from fercli.process import end_with_parent, protect_children

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["fercli.launch.warm_libraries"])
STOPPING_SIGNALS = (signal.SIGUSR1, signal.SIGTERM)
BLOCKED = (*STOPPING_SIGNALS, signal.SIGINT)  # while the server loads, and as long as it runs
# What fercli imports only where it needs it, and what every training needs.
LIBRARIES = (
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "pandas",
    "pyarrow.parquet",
    "pytorch_lightning",
    "rich.progress",
    "scipy.stats",
    "sklearn.manifold",
    "sklearn.metrics",
    "timm",
    "torchvision",
)


def start(arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> ForkServerProcess:
    """Start `fercli` in a process of its own; the first call starts the server and takes seconds.

    The command finds what a process of its own would find: its environment, working folder, streams and session. Its
    memory is shared with the server until one of them writes to it. It ends when this process ends.

    SLURM sends a signal to all processes of a job, and Ctrl-C to all of a terminal. The server therefore blocks the
    signals that ask to stop: without it, its commands would end at once, and Ctrl-C would print a traceback of its
    imports. A command gets those that were sent while it was being started.

    Args:
        arguments: of `fercli`.
        log: file to which everything that the command prints is added.
        environment: all variables of the command.

    Returns:
        The process; its `exitcode` is None while it runs, and minus the number of the signal that killed it.
    """
    protect_children()
    process = CONTEXT.Process(target=_run, args=(tuple(arguments), str(log), dict(environment)))
    resource_tracker.ensure_running()  # the first start of it unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)  # the server inherits it
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def load() -> None:
    """Import the libraries and all modules of fercli. No device is touched, and no thread is left running."""
    for name in (*LIBRARIES, *_modules()):
        importlib.import_module(name)


def _modules() -> Iterable[str]:
    fercli = importlib.import_module("fercli")
    names = (module.name for module in pkgutil.walk_packages(fercli.__path__, "fercli."))
    return (name for name in names if not name.endswith(("__main__", "warm_libraries")))


def _run(arguments: Sequence[str], log: str, environment: Mapping[str, str]) -> None:
    enter(log, environment)
    sys.argv = ["fercli", *arguments]
    try:
        runpy.run_module("fercli", run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends its processes without them


def enter(log: str, environment: Mapping[str, str]) -> None:
    """Give this child of the server what a process of its own would have: session, variables, streams, threads.

    Args:
        log: file to which everything that is printed is added.
        environment: all variables.
    """
    end_with_parent(signal.SIGTERM)
    os.setsid()  # Ctrl-C in the terminal reaches the launcher, which then stops its commands once
    os.environ.clear()
    os.environ.update(environment)
    _redirect(log)
    _use_threads(environment)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, BLOCKED)


def _redirect(log: str) -> None:
    with open(log, "ab") as file, open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)


def _use_threads(environment: Mapping[str, str]) -> None:
    """Follow the variable that OpenMP read when the server started."""
    import torch

    number = environment.get("OMP_NUM_THREADS", "").partition(",")[0]
    if number.isdecimal() and int(number) != torch.get_num_threads():
        torch.set_num_threads(int(number))
