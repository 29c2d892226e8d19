"""The three stages of MTCNN (Zhang et al. 2016) on images of one size, with the results of facenet-pytorch."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from facenet_pytorch.models.utils.detect_face import nms_numpy
from torchvision.ops import nms

from fercli.preprocess.area import SummedArea, is_cpu
from fercli.preprocess.detect_networks import Refinement, networks
from fercli.preprocess.mosaic import CELL, STRIDE, mosaic

FACTOR = 0.709  # from one size of the image to the next
PIXELS_AT_A_TIME = 49152  # of crops: what R-Net and O-Net make of more does not fit into the cache of a CPU
CROPS_AT_A_TIME = 512  # on a GPU, as in facenet-pytorch: more do not fit into the memory of small GPUs


class Candidates(NamedTuple):
    """Boxes of some images: `image` (K,) int64, `boxes` (K, 5) with the confidence last, `outputs` (K, C); float32."""

    image: np.ndarray
    boxes: np.ndarray
    outputs: np.ndarray

    def at(self, rows: np.ndarray) -> "Candidates":
        """Return some of the boxes, by index or mask."""
        return Candidates(self.image[rows], self.boxes[rows], self.outputs[rows])

    def chosen(self, choose: Callable[[np.ndarray], np.ndarray]) -> "Candidates":
        """Apply `choose` to the boxes (K, 5) of each image, and keep the boxes whose indices it returns."""
        if (self.image == self.image[:1]).all():
            return self.at(choose(self.boxes)) if len(self.image) else self
        rows = [np.flatnonzero(self.image == i) for i in np.unique(self.image)]
        return self.at(np.concatenate([own[choose(self.boxes[own])] for own in rows]))


class Cascade:
    """P-Net proposes boxes at several sizes of an image; R-Net and O-Net refine the boxes and reject most of them.

    Each step is that of `facenet_pytorch.models.utils.detect_face.detect_face`, except in two cases where
    facenet-pytorch fails: a box that lies completely outside its image is left out, and an image that is too small for
    a face has no boxes. The boxes of an image do not depend on the other images.

    Args:
        thresholds: least confidence of the three stages.
        min_face_size: pixels; smaller faces are not looked for.
        device: device of torch.
    """

    def __init__(self, thresholds: Sequence[float], min_face_size: int, device: torch.device):
        self.thresholds = thresholds
        self.min_face_size = min_face_size
        self.device = device
        self.proposals, self.refinement, self.output = networks(device, thresholds[0])

    @torch.inference_mode()
    def __call__(self, images: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Find boxes with confidence (K, 5) and points (K, 5, 2), float32 pixels, in each image (H, W, 3) uint8."""
        scales = _scales(min(images[0].shape[:2]), self.min_face_size)
        if not scales:
            return [(np.empty((0, 5), np.float32), np.empty((0, 5, 2), np.float32)) for _ in images]
        sums = SummedArea(images, self.device)
        image, boxes, points = self._final(sums, self._refined(sums, self._proposed(sums, scales)))
        return [(boxes[image == i], points[image == i].reshape(-1, 5, 2)) for i in range(len(images))]

    @torch.inference_mode()
    def at(self, image: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Refine one box without P-Net.

        Args:
            image: (H, W, 3) uint8.
            corners: (2, 2) x, y of the upper left and the lower right corner.

        Returns:
            As for an image of a batch; no box where there is no face.
        """
        box = np.append(corners.ravel(), 1).astype(np.float32)[None]
        sums = SummedArea([image], self.device)
        found = Candidates(np.zeros(1, np.int64), _square(box), np.empty((1, 0), np.float32))
        found = self._final(sums, self._refined(sums, found))
        return found.boxes, found.outputs.reshape(-1, 5, 2)

    def _proposed(self, sums: SummedArea, scales: Sequence[float]) -> Candidates:
        found, level = self._places(sums, scales)
        if not len(level):
            return found
        # Boxes of different levels and images are moved apart. They are whole numbers, so this changes no overlap.
        group = found.image * len(scales) + level
        apart = found.boxes.copy()
        apart[:, :4] += (group * (found.boxes[:, :4].max() + 1))[:, None]
        kept = _less_than(0.5)(apart)
        found = found.at(kept[np.argsort(level[kept], kind="stable")]).chosen(_less_than(0.7))
        return found._replace(boxes=_square(_moved(found.boxes, found.outputs, 0)))

    def _places(self, sums: SummedArea, scales: Sequence[float]) -> tuple[Candidates, np.ndarray]:
        """Return the confident places of the images at all scales, and the index of the scale of each place."""
        plan = mosaic(tuple((int(sums.height * s + 1), int(sums.width * s + 1)) for s in scales))
        indices, features = self.proposals(sums.canvas(plan), plan)
        # One copy from the device; numbers of 64 bits hold the indices and the float32 outputs exactly.
        found = torch.cat([indices[:, None].double(), self.proposals.outputs(features).double()], 1).cpu().numpy()
        image, place = np.divmod(found[:, 0].astype(np.int64), len(plan.level))
        confidences, offsets = found[:, 1].astype(np.float32), found[:, 2:].astype(np.float32)
        level = plan.level[place]
        kept = np.flatnonzero((confidences >= self.thresholds[0]) & (level >= 0))
        kept = kept[np.argsort(level[kept], kind="stable")]
        level = level[kept]
        first = plan.place_in_level(place[kept], level).astype(np.float32) * STRIDE
        scale = np.array(scales, np.float32)[level, None]
        corners = np.floor((first + 1) / scale), np.floor((first + CELL) / scale)
        boxes = np.concatenate([*corners, confidences[kept, None]], 1)
        return Candidates(image[kept], boxes, offsets[kept]), level

    def _refined(self, sums: SummedArea, found: Candidates) -> Candidates:
        found = self._looked_at(sums, found, self.refinement, 24, self.thresholds[1]).chosen(_less_than(0.7))
        return found._replace(boxes=_square(_moved(found.boxes, found.outputs, 1)))

    def _final(self, sums: SummedArea, found: Candidates) -> Candidates:
        """Return the candidates that are faces; their outputs are the points, (K, 10)."""
        found = self._looked_at(sums, found, self.output, 48, self.thresholds[2])
        offsets, points = found.outputs[:, :4], found.outputs[:, 4:].reshape(-1, 2, 5).transpose(0, 2, 1)
        size = found.boxes[:, 2:4] - found.boxes[:, :2] + 1
        points = size[:, None] * points + found.boxes[:, None, :2] - 1
        found = Candidates(found.image, _moved(found.boxes, offsets, 1), points.reshape(-1, 10))
        return found.chosen(lambda boxes: nms_numpy(boxes[:, :4], boxes[:, 4], 0.7, "Min"))

    def _looked_at(
        self, sums: SummedArea, found: Candidates, network: Refinement, side: int, threshold: float
    ) -> Candidates:
        """Return the candidates with enough confidence by a network, with its confidences and other outputs."""
        corners = found.boxes[:, :4].astype(np.int32)  # towards zero
        limit = np.array([sums.width, sums.height], np.int32)
        regions = np.concatenate([np.maximum(corners[:, :2] - 1, 0), np.minimum(corners[:, 2:], limit)], 1)
        inside = np.flatnonzero((regions[:, 2:] > regions[:, :2]).all(1))
        found, regions = found.at(inside), regions[inside]
        if not len(regions):
            return found._replace(outputs=np.empty((0, len(network.bias) - 2), np.float32))
        most = PIXELS_AT_A_TIME // side**2 if is_cpu(self.device) else CROPS_AT_A_TIME
        places = np.concatenate([found.image[:, None], regions], 1, dtype=np.int32)
        parts = np.array_split(places, -(-len(places) // most))
        seen = [network(sums.crops(part[:, 0], part[:, 1:], side)) for part in parts]
        outputs = torch.cat(seen).cpu().numpy()
        boxes = np.concatenate([found.boxes[:, :4], outputs[:, :1]], 1)
        return Candidates(found.image, boxes, outputs[:, 1:]).at(outputs[:, 0] > threshold)


def _scales(short_side: int, min_face_size: int) -> list[float]:
    """Return factors to resize an image, so that every face of at least `min_face_size` has about 12 pixels in one."""
    scale = CELL / min_face_size
    left = short_side * scale
    scales = []
    while left >= CELL:
        scales.append(scale)
        scale, left = scale * FACTOR, left * FACTOR
    return scales


def _less_than(overlap: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return non-maximum suppression of boxes (K, 5) at an intersection over union; most confident boxes first."""
    return lambda boxes: nms(torch.from_numpy(boxes[:, :4]), torch.from_numpy(boxes[:, 4]), overlap).numpy()


def _moved(boxes: np.ndarray, offsets: np.ndarray, extra: int) -> np.ndarray:
    """Move the corners of boxes (K, 5) by offsets (K, 4), in units of the side of the box plus `extra` pixels."""
    size = np.tile(boxes[:, 2:4] - boxes[:, :2] + extra, 2)
    return np.concatenate([boxes[:, :4] + offsets * size, boxes[:, 4:]], 1)


def _square(boxes: np.ndarray) -> np.ndarray:
    """Make boxes (K, 5) square about their centers."""
    size = boxes[:, 2:4] - boxes[:, :2]
    side = size.max(1, keepdims=True)
    corner = boxes[:, :2] + size * 0.5 - side * 0.5
    return np.concatenate([corner, corner + side, boxes[:, 4:]], 1)
