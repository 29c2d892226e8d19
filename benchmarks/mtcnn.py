"""Compare the detector with facenet-pytorch, on the images of a folder or a video.

    python benchmarks/mtcnn.py --images PATH [--size 350] [--every 1] [--limit N] [--long-side 0] [--repeats 3] [--json]

Both detectors find the faces of every image, one image after the other. They take turns in one process, after one
warm-up pass. Faces are paired by overlap. Rates are the best of the repeats, in CPU time of the thread, so that other
work on the machine matters less. The ratio is the median over the repeats.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import cv2
import facenet_pytorch
import numpy as np
import torch

from fercli.preprocess.detect import MTCNN
from fercli.preprocess.face import Face

ENDINGS = {".jpg", ".jpeg", ".png"}
SAME = 0.5  # smallest overlap (intersection over union) of two boxes of the same face


def images_of(path: Path, size: int | None, every: int) -> Iterator[np.ndarray]:
    """Yield the images of a folder, or every n-th frame of a video, in RGB; with `size`, resized to squares."""
    if path.is_dir():
        found = (cv2.imread(str(file)) for file in sorted(path.rglob("*")) if file.suffix.lower() in ENDINGS)
    else:
        found = frames(path, every)
    for image in found:
        rgb = np.ascontiguousarray(image[:, :, ::-1])
        yield rgb if size is None else cv2.resize(rgb, (size, size), interpolation=cv2.INTER_AREA)


def frames(path: Path, every: int) -> Iterator[np.ndarray]:
    """Yield every n-th frame of a video in BGR, or the image itself if the path is an image."""
    if path.suffix.lower() in ENDINGS:
        yield cv2.imread(str(path))
        return
    video, number = cv2.VideoCapture(str(path)), 0
    while (read := video.read())[0]:
        if number % every == 0:
            yield read[1]
        number += 1


def peer(network: facenet_pytorch.MTCNN, image: np.ndarray) -> list[Face]:
    """Return the faces that facenet-pytorch finds."""
    boxes, confidences, points = network.detect(image, landmarks=True)
    if boxes is None:
        return []
    rows = zip(boxes, points, confidences, strict=True)
    return [Face(tuple(map(float, box)), np.asarray(own, float), float(confidence)) for box, own, confidence in rows]


def overlap(one: Face, other: Face) -> float:
    """Intersection over union of two boxes."""
    a, b = np.reshape(one.box, (2, 2)), np.reshape(other.box, (2, 2))
    sides = np.clip(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0, None)
    common = float(sides.prod())
    return common / (float((a[1] - a[0]).prod()) + float((b[1] - b[0]).prod()) - common)


def compare(found: Sequence[list[Face]], expected: Sequence[list[Face]]) -> dict[str, float]:
    """Count the faces that both detectors find, and measure how far apart they place them."""
    pairs = []
    for own, theirs in zip(found, expected, strict=True):
        left = list(own)
        for face in theirs:
            best = max(left, key=lambda other: overlap(face, other), default=None)
            if best is not None and overlap(face, best) >= SAME:
                left.remove(best)
                pairs.append((best, face))
    boxes = [float(np.abs(np.subtract(a.box, b.box)).max()) for a, b in pairs]
    points = [float(np.abs(np.subtract(a.points, b.points)).max()) for a, b in pairs]
    confidences = [abs(a.confidence - b.confidence) for a, b in pairs]
    overlaps = [overlap(a, b) for a, b in pairs]
    agree = [b <= 0.01 and p <= 0.01 and c <= 1e-4 for b, p, c in zip(boxes, points, confidences, strict=True)]
    return {
        "faces of facenet-pytorch": sum(map(len, expected)),
        "faces found": sum(map(len, found)),
        "in both": len(pairs),
        "the same (0.01 pixels, 1e-4)": sum(agree),
        "median overlap": median(overlaps),
        "overlap >= 0.95": sum(value >= 0.95 for value in overlaps),
        "largest difference of boxes": max(boxes),
        "largest difference of points": max(points),
        "largest difference of confidences": max(confidences),
    }


def timed(find: Callable[[np.ndarray], list[Face]], images: Sequence[np.ndarray]) -> tuple[list[list[Face]], float]:
    """Return the faces of every image, and the seconds of CPU time."""
    begin = time.thread_time()
    return [find(image) for image in images], time.thread_time() - begin


def measure(images: Sequence[np.ndarray], long_side: int, repeats: int) -> dict[str, float]:
    """Measure both detectors in turns."""
    network, detector = facenet_pytorch.MTCNN(), MTCNN(long_side=long_side)
    ways = [lambda image: detector.detect([image])[0], lambda image: peer(network, image)]
    passes = [[timed(find, images) for find in ways] for _ in range(repeats + 1)]
    (found, _), (expected, _) = passes[0]
    own, theirs = zip(*[[seconds for _, seconds in each] for each in passes[1:]], strict=True)
    return {
        "images": len(images),
        **compare(found, expected),
        "images/s": len(images) / min(own),
        "images/s of facenet-pytorch": len(images) / min(theirs),
        "ratio": median(b / a for a, b in zip(own, theirs, strict=True)),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="a folder of images, an image, or a video")
    parser.add_argument("--size", type=int, help="make images square with this side first")
    parser.add_argument("--every", type=int, default=1, help="read every n-th frame of a video")
    parser.add_argument("--limit", type=int, help="read only the first n images")
    parser.add_argument("--long-side", type=int, default=0, help="detector.long_side")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    images = list(images_of(options.images, options.size, options.every))[: options.limit]
    if not images:
        parser.error(f"no image in {options.images}")
    found = measure(images, options.long_side, options.repeats)
    if options.json:
        print(json.dumps(found))
        return
    print("\n".join(f"| {name} | {value:,.6g} |" for name, value in found.items()))


if __name__ == "__main__":
    main()
