"""MTCNN face detection with the boxes, points and confidences of facenet-pytorch, on images of any size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from fercli.errors import ConfigError, nearest
from fercli.preprocess.face import Absent, Box, Detector, Face, Given, WholeImage
from fercli.records import Record

if TYPE_CHECKING:
    from fercli.preprocess.detect_cascade import Cascade

CHOICES = ("largest", "confident", "central")


class MTCNN:
    """Multi-task cascaded convolutional networks: boxes with five points (Zhang et al. 2016).

    The faces of an image do not depend on the other images of a batch. The networks are loaded on first use, in the
    process that uses them. A CPU searches one image at a time; a GPU searches images of one size together.

    Args:
        thresholds: least confidence of the three stages.
        min_face_size: pixels, after any shrinking; smaller faces are not looked for.
        long_side: pixels. Images with a longer side are shrunk to it for detection, which changes boxes slightly. 0
            shrinks no image.
        batch_size: images at a time.
        every: in videos, look for faces in every n-th frame only, see `fercli.preprocess.follow`.
        choose: which of several faces to keep: `largest` box, most `confident`, or most `central` in the image.
        min_confidence: least confidence of the face to keep, in [0, 1]; `detect` also returns faces below it.
        device: device of torch, such as `cpu` or `cuda`.

    Raises:
        ConfigError: `choose` is none of the above, `min_face_size` is below 12, `long_side` is not 0 and below
            `min_face_size`, `every` is below 1, or `min_confidence` is not in [0, 1].
    """

    def __init__(
        self,
        thresholds: Sequence[float] = (0.6, 0.7, 0.7),
        min_face_size: int = 20,
        long_side: int = 0,
        batch_size: int = 16,
        every: int = 1,
        choose: Literal["largest", "confident", "central"] = "largest",
        min_confidence: float = 0.0,
        device: str = "cpu",
    ):
        if choose not in CHOICES:
            raise ConfigError(f"detector.choose={choose}: unknown; {nearest(choose, CHOICES)}")
        if min_face_size < 12:
            raise ConfigError(f"expected detector.min_face_size of at least 12 pixels; found {min_face_size}")
        if long_side and long_side < min_face_size:
            raise ConfigError(
                f"expected detector.long_side 0 or at least detector.min_face_size={min_face_size}; found {long_side}"
            )
        if not isinstance(every, int) or every < 1:
            raise ConfigError(f"expected detector.every as a whole number, at least 1; found {every}")
        if not 0 <= min_confidence <= 1:
            raise ConfigError(f"expected detector.min_confidence between 0 and 1; found {min_confidence}")
        self.thresholds = list(thresholds)
        self.min_face_size = min_face_size
        self.long_side = long_side
        self.batch_size = batch_size
        self.every = every
        self.choose = choose
        self.min_confidence = min_confidence
        self.device = device

    @cached_property
    def _cascade(self) -> "Cascade":
        import torch

        from fercli.preprocess.detect_cascade import Cascade

        return Cascade(self.thresholds, self.min_face_size, torch.device(self.device))

    def find(self, images: Sequence[np.ndarray], records: Sequence[Record]) -> list[Face | Absent]:
        """Return the chosen face of each image among those of enough confidence, or why there is none."""
        return [self._choose(faces, image) for faces, image in zip(self.detect(images), images, strict=True)]

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """Find all faces of each image, most confident first; images are (H, W) or (H, W, 3) RGB uint8."""
        small = [_shrink(image, self.long_side) for image in images]
        found: list[list[Face]] = [[] for _ in images]
        for rows in self._together(small):
            with _same_sums(self.device):
                results = self._cascade([_rgb(small[i]) for i in rows])
            for i, (boxes, points) in zip(rows, results, strict=True):
                found[i] = _faces(boxes, points, np.divide(small[i].shape[1::-1], images[i].shape[1::-1]))
        return found

    def check(self, image: np.ndarray, box: Box) -> Face | None:
        """Return the face that R-Net and O-Net see at a box, without P-Net; None if its confidence is too low."""
        small = _shrink(image, self.long_side)
        scale = np.divide(small.shape[1::-1], image.shape[1::-1])
        corners = (np.reshape(box, (2, 2)) + 0.5) * scale - 0.5
        around = np.ptp(corners, axis=0).max()  # the networks may move the box by less than its side
        left, top = np.maximum(np.floor(corners[0] - around), 0).astype(int)
        right, bottom = np.ceil(corners[1] + around).astype(int)
        with _same_sums(self.device):
            boxes, points = self._cascade.at(_rgb(small[top:bottom, left:right]), corners - (left, top))
        corner = np.array([left, top], np.float32)
        found = _faces(boxes + np.array([*corner, *corner, 0], np.float32), points + corner, scale)
        return next((face for face in found if face.confidence >= self.min_confidence), None)

    def _together(self, images: Sequence[np.ndarray]) -> list[list[int]]:
        """Group the indices of images that are searched together."""
        if self.device == "cpu":  # one image fits into the CPU's caches, and sums do not depend on other images
            return [[i] for i in range(len(images))]
        groups: dict[tuple[int, ...], list[int]] = {}
        for i, image in enumerate(images):
            groups.setdefault(image.shape[:2], []).append(i)
        return list(groups.values())

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
    """Choose a detector: none for a data set of face crops or with given landmarks, else MTCNN with these options."""
    if cropped:
        return WholeImage()
    return Given() if given else MTCNN(**options)


@contextmanager
def _same_sums(device: str) -> Iterator[None]:
    """Make torch's sums equal on all machines, so that boxes are.

    A CPU uses one thread; several processes use several cores. A GPU does not use TF32, which would move boxes.
    """
    import torch

    if device != "cpu":
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            yield
        return
    before = torch.get_num_threads()
    if before == 1:  # even if it changes nothing, torch's setter throws away what the convolutions have prepared
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _shrink(image: np.ndarray, long_side: int) -> np.ndarray:
    height, width = image.shape[:2]
    factor = long_side / max(height, width)
    if not long_side or factor >= 1:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _rgb(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)


def _faces(boxes: np.ndarray, points: np.ndarray, scale: np.ndarray) -> list[Face]:
    """Return faces in pixels of the full image; `scale` is the size of the shrunk image in x and y as a share of it."""
    boxes, points = boxes.astype(np.float64), points.astype(np.float64)
    corners = (boxes[:, :4].reshape(-1, 2, 2) + 0.5) / scale - 0.5
    points = (points + 0.5) / scale - 0.5
    order = np.argsort(-boxes[:, 4], kind="stable")
    return [Face(tuple(corners[i].ravel().tolist()), points[i], float(boxes[i, 4])) for i in order]
