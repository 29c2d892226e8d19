"""The folder of a store while it is written: locked against other processes, its errors as messages."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fercli.errors import DataError
from fercli.files import locked


@contextmanager
def writing(store: Path) -> Iterator[None]:
    """Turn errors of the file system into a message for the user."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DataError(
            f"cannot write to {store}: {error.strerror or error}. Finished shards are kept: "
            "correct this, and run the same command again."
        ) from error


@contextmanager
def lock(file: Path, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Lock a folder against other processes; the lock ends when this process ends, also if it is killed.

    Args:
        shared: allow other processes that also ask for a shared lock.
        wait: wait until other processes release the lock, instead of raising an error.
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(file, shared=shared, wait=wait))
        except BlockingIOError:
            raise DataError(f"another process is writing {file.parent} at this moment; wait until it is done") from None
        yield
