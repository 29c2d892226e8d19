"""One task over many parts of the rows, in several processes; the results do not depend on their number."""

import multiprocessing
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

import cv2

from fercli.errors import DataError
from fercli.process import end_with_parent
from fercli.records import Record

Part = Sequence[Record]
Result = TypeVar("Result")


def map_parts(task: Callable[[Part], Result], parts: Sequence[Part], num_workers: int) -> Generator[Result, None, None]:
    """Yield the results of a task, in the order of the parts.

    Args:
        task: function of a part; it is sent to each process once.
        num_workers: number of worker processes; 0 works in this process.

    Raises:
        DataError: a worker process was killed.
    """
    num_workers = min(num_workers, len(parts))
    if num_workers == 0:
        yield from map(task, parts)
        return
    context = multiprocessing.get_context("spawn")  # a forked process would share threads' locks and open files
    pool = ProcessPoolExecutor(num_workers, context, initializer=_start, initargs=(task,))
    try:
        yield from pool.map(_run, parts)
    except BrokenProcessPool:
        raise DataError(
            "a worker process was killed, perhaps for lack of memory. Finished shards are kept: "
            "run the same command again, with a smaller num_workers"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_task: Callable[[Part], Any]  # the task of this worker process


def _start(task: Callable[[Part], Any]) -> None:
    global _task
    _task = task
    # Ctrl-C reaches every process. A worker that it ends while sending a result would block the pool; so workers ignore
    # it, and the main process lets each worker finish its part.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    end_with_parent(signal.SIGKILL)  # a worker whose parent was killed would otherwise wait for work forever


def _run(part: Part) -> Any:
    return _task(part)
