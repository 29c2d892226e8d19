"""What a user asks `fercli predict` for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fercli.inference.camera import Camera
from fercli.inference.names import Names
from fercli.inference.viewers import Viewer
from fercli.monitor.settings import Settings


@dataclass(frozen=True)
class PredictRequest:
    """What the user asks for.

    Attributes:
        paths: images, videos, folders of both, and patterns; empty for a camera.
        out: folder for the results.
        monitor: settings of the disorder monitor; None without a monitor.
        all_faces: predict everybody in videos; otherwise one person at a time. All faces of images are predicted.
        annotate: write images and videos with the predictions drawn in.
        names: of the people.
        camera: is read in place of files.
        viewer: shows the frames of a camera.
        grad_cam: keep some faces of the only run, to explain their predictions.
    """

    paths: Sequence[Path]
    out: Path
    monitor: Settings | None = None
    all_faces: bool = False
    annotate: bool = True
    names: Names = field(default_factory=Names)
    camera: Camera | None = None
    viewer: Viewer | None = None
    grad_cam: bool = False
