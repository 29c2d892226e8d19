"""MTCNN face detection, the networks and weights of facenet-pytorch, on whole batches of images of any size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np

from fercli.errors import ConfigError, nearest
from fercli.preprocess.face import Absent, Detector, Face, Given, WholeImage
from fercli.records import Record

CHOICES = ("largest", "confident", "central")
STEP = 32  # pixels to which canvases are rounded up


class MTCNN:
    """Multi-task cascaded convolutional networks: boxes with five points (Zhang et al. 2016).

    Images are shrunk to `long_side`, those of about the same size laid on one black canvas, and the coordinates mapped
    back. The networks are loaded on first use, in the process that uses them.

    Args:
        thresholds: least confidence of the three stages.
        min_face_size: pixels, after shrinking; smaller faces are not looked for.
        long_side: pixels; longer images are shrunk to it for detection only.
        batch_size: images at a time.
        choose: which of several faces to keep: `largest` box, most `confident`, or most `central` in the image.
        min_confidence: of the face to keep, in [0, 1]; `detect` gives the others as well.
        device: of torch, such as `cpu` or `cuda`.

    Raises:
        ConfigError: `choose` is none of the above, `long_side` is below `min_face_size`, or `min_confidence` is
            not in [0, 1].
    """

    def __init__(
        self,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        min_face_size: int = 20,
        long_side: int = 320,
        batch_size: int = 16,
        choose: Literal["largest", "confident", "central"] = "largest",
        min_confidence: float = 0.0,
        device: str = "cpu",
    ):
        if choose not in CHOICES:
            raise ConfigError(f"detector.choose={choose}: unknown; {nearest(choose, CHOICES)}")
        if long_side < min_face_size or min_face_size < 12:
            raise ConfigError(
                f"expected 12 <= detector.min_face_size <= detector.long_side; found {min_face_size} and {long_side}"
            )
        if not 0 <= min_confidence <= 1:
            raise ConfigError(f"expected detector.min_confidence between 0 and 1; found {min_confidence}")
        self.thresholds = list(thresholds)
        self.min_face_size = min_face_size
        self.long_side = long_side
        self.batch_size = batch_size
        self.choose = choose
        self.min_confidence = min_confidence
        self.device = device

    @cached_property
    def _networks(self) -> Any:
        import facenet_pytorch
        import torch

        return facenet_pytorch.MTCNN(device=torch.device(self.device))

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """The chosen face of each image among those of enough confidence, or why there is none."""
        return [self._choose(faces, image) for faces, image in zip(self.detect(images), images, strict=True)]

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """All faces of each image, most confident first; images are (H, W) or (H, W, 3) RGB uint8."""
        small = [_shrink(image, self.long_side) for image in images]
        found: list[list[Face]] = [[] for _ in images]
        for (height, width), rows in self._by_canvas(small).items():
            canvas = np.zeros((len(rows), height, width, 3), np.uint8)
            for place, i in zip(canvas, rows, strict=True):
                pixels = small[i] if small[i].ndim == 3 else small[i][..., None]
                place[: pixels.shape[0], : pixels.shape[1]] = pixels
            for i, (boxes, points) in zip(rows, self._run(canvas), strict=True):
                found[i] = _faces(boxes, points, np.divide(small[i].shape[1::-1], images[i].shape[1::-1]))
        return found

    def _by_canvas(self, images: Sequence[np.ndarray]) -> dict[tuple[int, int], list[int]]:
        """Rows by the canvas that holds them, so that what is found in an image does not depend on its neighbors."""
        groups: dict[tuple[int, int], list[int]] = {}
        for i, image in enumerate(images):
            # Below the smallest face there is no scale to search, which facenet-pytorch does not survive.
            height, width = (max(side, self.min_face_size) for side in image.shape[:2])
            groups.setdefault((-(-height // STEP) * STEP, -(-width // STEP) * STEP), []).append(i)
        return groups

    def _run(self, canvas: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Boxes with confidence (N, 5) and points (N, 5, 2) of each image on the canvas."""
        import torch

        # Not MTCNN.detect: it packs boxes of unequal number into one array, which today's NumPy refuses.
        from facenet_pytorch.models.utils.detect_face import detect_face

        net = self._networks
        try:
            with torch.inference_mode(), _one_thread():
                boxes, points = detect_face(
                    canvas,
                    self.min_face_size,
                    net.pnet,
                    net.rnet,
                    net.onet,
                    self.thresholds,
                    net.factor,
                    net.device,
                )
        except (RuntimeError, IndexError):
            # facenet-pytorch breaks when a candidate box lies wholly outside its image; then there is no face in it,
            # but the other images of the batch must not suffer.
            if len(canvas) == 1:
                return [(np.empty((0, 5)), np.empty((0, 5, 2)))]
            return [result for image in canvas for result in self._run(image[None])]
        return [
            (np.asarray(b, np.float64).reshape(-1, 5), np.asarray(p, np.float64).reshape(-1, 5, 2))
            for b, p in zip(boxes, points, strict=True)
        ]

    def _choose(self, found: list[Face], image: np.ndarray) -> Face | Absent:
        if not found:
            return Absent("no face found")
        faces = [face for face in found if face.confidence >= self.min_confidence]
        if not faces:
            detail = f"expected at least {self.min_confidence:g}; found {found[0].confidence:.6g}"
            return Absent("confidence of the face is too low", detail)
        if self.choose == "confident":
            return faces[0]
        if self.choose == "largest":
            return max(faces, key=lambda f: (f.box[2] - f.box[0]) * (f.box[3] - f.box[1]))
        center = np.array(image.shape[1::-1]) / 2
        return min(faces, key=lambda f: float(np.linalg.norm(np.reshape(f.box, (2, 2)).mean(0) - center)))


def automatic(cropped: bool, given: bool = False, **options: Any) -> Detector:
    """No detection for a data set that comes as face crops or with landmarks, else MTCNN with these options."""
    if cropped:
        return WholeImage()
    return Given() if given else MTCNN(**options)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The same sums in the same order on any machine; several cores are used by several processes."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _shrink(image: np.ndarray, long_side: int) -> np.ndarray:
    height, width = image.shape[:2]
    factor = long_side / max(height, width)
    if factor >= 1:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _faces(boxes: np.ndarray, points: np.ndarray, scale: np.ndarray) -> list[Face]:
    """Faces in pixels of the full image; `scale` is the shrinking in x and y."""
    corners = (boxes[:, :4].reshape(-1, 2, 2) + 0.5) / scale - 0.5
    points = (points + 0.5) / scale - 0.5
    order = np.argsort(-boxes[:, 4], kind="stable")
    return [Face(tuple(corners[i].ravel().tolist()), points[i], float(boxes[i, 4])) for i in order]
