"""A camera for the time of a command: it ends with Ctrl-C, and a window or lines show it."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fercli.cli.printing import say
from fercli.inference.camera import Camera
from fercli.inference.capture import Capture
from fercli.inference.viewers import Lines, LiveWindow, Viewer, why_no_window


@contextmanager
def watching(capture: Capture | None, number: int | None, quiet: bool) -> Iterator[tuple[Camera | None, Viewer | None]]:
    """Give a camera and a viewer; both are None without a camera. Ctrl-C stops the camera, and the results are written.

    Args:
        capture: the open camera.
        number: of the camera.
        quiet: print no lines on the standard output, which is for JSON.
    """
    if capture is None or number is None:
        yield None, None
        return
    camera = Camera(capture, number)
    reason = why_no_window()
    if reason:
        say(f"note: no live window: {reason}. A line each second follows; Ctrl-C ends it")
    viewer: Viewer = Lines(camera, lambda line: _say(line, quiet)) if reason else LiveWindow(camera)
    before = signal.signal(signal.SIGINT, lambda *_: camera.stop())
    try:
        yield camera, viewer
    finally:
        signal.signal(signal.SIGINT, before)
        camera.stop()


def _say(line: str, quiet: bool) -> None:
    print(line, file=sys.stderr if quiet else sys.stdout, flush=True)
