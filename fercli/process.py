"""Start of every Python process of fercli: never with the working folder among the places to import from."""

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

SAFE_PATH = ("PYTHONSAFEPATH", "1")
YOUNG_OBJECTS = 10_000  # Python's own 700 makes it search for garbage a thousand times while it imports torch


def python(*arguments: str) -> list[str]:
    """Return the command of a Python process.

    `-P` keeps the working folder out of `sys.path`. Otherwise Python would import a file `hydra.py` that came with
    somebody's data, instead of the library, if it lies where the user types a command.

    Args:
        arguments: of Python, such as `-m`, `fercli`, `train`.
    """
    return [sys.executable, "-P", *arguments]


def end_with_parent(number: signal.Signals) -> None:
    """Send this process a signal when its parent process ends, even if the parent is killed.

    Args:
        number: the signal. The parent must have started this process with multiprocessing.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), number)

    threading.Thread(target=wait, daemon=True).start()


def collect_garbage_less_often() -> None:
    """Search for garbage once in 10,000 new objects. The imports of a training then take a tenth less CPU time."""
    _, *older = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, *older)


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Search for no garbage while many objects are made that stay: each search would look at all of them again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End this process after the block without freeing its objects: the operating system takes its memory back.

    After a training, Python takes two seconds to free a million objects one by one. All else happens as usual: Python
    waits for threads, calls the functions of `atexit`, and returns the exit status. Begin the block before libraries
    are imported: functions that were given to `atexit` before it are not called.

    Python ends the process itself after an exception other than `SystemExit`, and where output cannot be written.
    Processes that multiprocessing has started end at once without this.
    """
    ended: list[int] = []

    def leave() -> None:
        if ended and multiprocessing.parent_process() is None:
            with suppress(OSError, ValueError):
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
                os._exit(ended[0])

    atexit.register(leave)
    try:
        yield
    except SystemExit as end:
        if isinstance(end.code, int | None):
            ended.append(end.code or 0)
        raise
    ended.append(0)


def open_closed_streams() -> None:
    """Open each stream that the shell has closed, as `>&-` does, on the null device.

    Without this, printing fails, and the next file that is opened takes the number of the stream: what a library
    prints would be written into that file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def protect_children() -> None:
    """Keep the working folder out of `sys.path` in processes that libraries start, such as one per further GPU."""
    os.environ.setdefault(*SAFE_PATH)
