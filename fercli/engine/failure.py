"""Keep the error that ends a training, so that a list of runs can say it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fercli.errors import FercliError, StoppedRunError, printable
from fercli.files import write_text
from fercli.runs.folder import RunFolder


@contextmanager
def recording_failure(run: RunFolder) -> Iterator[None]:
    """Write an error that ends the training of a run to its folder, as one line, and let the error pass.

    A training that is asked to stop has not failed. A folder without a configuration is no run yet.
    """
    try:
        yield
    except StoppedRunError:
        raise
    except Exception as error:
        name = "" if isinstance(error, FercliError) else f"{type(error).__name__}: "
        with suppress(OSError):  # the disk may be full: that is then the error
            if run.config.is_file():
                write_text(run.failure, printable(f"{name}{' '.join(str(error).split())}") + "\n")
        raise
