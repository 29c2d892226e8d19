"""What shows the frames of a camera: a window, or a line each second where there is no display."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import cv2
import numpy as np

from fercli.inference.camera import Camera
from fercli.inference.captions import answers
from fercli.inference.stream import FacePrediction

TITLE = "fercli: press q to stop"


class Viewer(Protocol):
    """Shows each predicted frame of a camera."""

    def show(self, picture: np.ndarray, faces: Sequence[FacePrediction], names: Sequence[str | None]) -> None:
        """Show an annotated frame (H, W, 3) RGB uint8."""
        ...


class Lines:
    """Prints a line each second: what is predicted for everybody in sight, the rate, and the dropped frames."""

    def __init__(self, camera: Camera, write: Callable[[str], None]):
        self.camera, self.write, self.next = camera, write, 0.0

    def show(self, picture: np.ndarray, faces: Sequence[FacePrediction], names: Sequence[str | None]) -> None:
        """Print the line if a second is over."""
        now = faces[0].still.time
        if now < self.next:
            return
        self.next = now + 1
        seen = [
            f"{name or 'face'}: {', '.join(line for said in face.said for line in answers(said)) or 'nothing yet'}"
            for face, name in zip(faces, names, strict=True)
            if face.face is not None
        ]
        self.write(f"{now:7.1f} s  {'; '.join(seen) or 'nobody in sight'}  ({rate_of(self.camera)})")


class LiveWindow:
    """Shows each frame in a window, with the rate and the dropped frames; `q` stops the camera."""

    def __init__(self, camera: Camera):
        self.camera = camera

    def show(self, picture: np.ndarray, faces: Sequence[FacePrediction], names: Sequence[str | None]) -> None:
        """Show the frame."""
        shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        place = (8, shown.shape[0] - 10)
        cv2.putText(shown, rate_of(self.camera), place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
        cv2.imshow(TITLE, shown)
        if cv2.waitKey(1) & 0xFF == ord("q"):
            self.camera.stop()


def rate_of(camera: Camera) -> str:
    """Return the rate and the dropped frames in words."""
    return f"{camera.given_rate:.1f} frames a second, {camera.num_dropped:,} dropped"


def why_no_window() -> str:
    """Return why no window can be shown, and what to do; empty if one can."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display"
    with suppress(cv2.error):
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL)
        return ""
    return "this OpenCV shows no windows (opencv-python-headless); install opencv-python in its place"
