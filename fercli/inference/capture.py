"""Open a camera with OpenCV."""

from pathlib import Path
from typing import Any, Protocol

import cv2

from fercli.errors import ConfigError


class Capture(Protocol):
    """What OpenCV's `VideoCapture` offers."""

    def read(self) -> tuple[bool, Any]:
        """Return whether there is a frame, and the frame (H, W, 3) BGR uint8."""
        ...

    def get(self, key: int) -> float:
        """Return a property."""
        ...

    def release(self) -> None:
        """Close the camera."""
        ...


def opened(number: int) -> Capture:
    """Open a camera.

    Raises:
        ConfigError: there is none with this number, or another program uses it.
    """
    capture = cv2.VideoCapture(number)
    if not capture.isOpened():
        capture.release()
        devices = sorted(str(path) for path in Path("/dev").glob("video*"))
        there = ", ".join(devices) or "none"
        raise ConfigError(
            f"camera {number} cannot be opened; devices of cameras on this machine: {there}. Give --camera the number "
            "of one that no other program uses"
        )
    return capture
