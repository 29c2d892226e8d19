"""Compare the detector with facenet-pytorch, on the images of a folder or a video.

    python -m benchmarks.mtcnn --images PATH [--size 350] [--every 8] [--limit N] [--long-side 320]

Both detectors find the faces of every image, one image after the other. They take turns in one process. Faces are
paired by overlap. Rates and their ratio are medians over the repeats, in CPU time.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import cv2
import facenet_pytorch
import numpy as np

from benchmarks import measure
from fercli.preprocess.detect import MTCNN
from fercli.preprocess.face import Face, overlap

ENDINGS = {".jpg", ".jpeg", ".png"}
SAME = 0.5  # smallest overlap (intersection over union) of two boxes of the same face
FACES = {
    "of facenet-pytorch": ",",
    "found": ",",
    "in both": ",",
    "the same (0.01 pixels, 1e-4)": ",",
    "median overlap": ".3f",
    "overlap >= 0.95": ",",
    "largest difference of boxes": ".2g",
    "of points": ".2g",
    "of confidences": ".2g",
}


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


def peer(network: facenet_pytorch.MTCNN, images: Sequence[np.ndarray]) -> list[list[Face]]:
    """Return the faces that facenet-pytorch finds in images of one size, which it searches together."""
    return [
        []
        if boxes is None
        else [
            Face(tuple(map(float, box)), np.asarray(points, float), float(confidence))
            for box, points, confidence in zip(boxes, all_points, confidences, strict=True)
        ]
        for boxes, confidences, all_points in zip(*network.detect(np.stack(images), landmarks=True), strict=True)
    ]


def compare(found: Sequence[list[Face]], expected: Sequence[list[Face]]) -> tuple[float | None, ...]:
    """Count the faces that both detectors find, and measure how far apart they place them, for the columns of FACES."""
    pairs = []
    for own, theirs in zip(found, expected, strict=True):
        left = list(own)
        for face in theirs:
            best = max(left, key=lambda other: overlap(face.box, other.box), default=None)
            if best is not None and overlap(face.box, best.box) >= SAME:
                left.remove(best)
                pairs.append((best, face))
    boxes = [float(np.abs(np.subtract(a.box, b.box)).max()) for a, b in pairs]
    points = [float(np.abs(np.subtract(a.points, b.points)).max()) for a, b in pairs]
    confidences = [abs(a.confidence - b.confidence) for a, b in pairs]
    overlaps = [overlap(a.box, b.box) for a, b in pairs]
    agree = [b <= 0.01 and p <= 0.01 and c <= 1e-4 for b, p, c in zip(boxes, points, confidences, strict=True)]
    largest = (max(differences, default=None) for differences in (boxes, points, confidences))
    counts = (sum(map(len, expected)), sum(map(len, found)), len(pairs), sum(agree))
    return *counts, median(overlaps) if pairs else None, sum(value >= 0.95 for value in overlaps), *largest


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 3, "passes over all images")
    parser.add_argument("--images", type=Path, required=True, help="a folder of images, an image, or a video")
    parser.add_argument("--size", type=measure.positive, help="make images square with this side first")
    parser.add_argument("--every", type=measure.positive, default=1, help="read every n-th frame of a video")
    parser.add_argument("--limit", type=measure.positive, help="read only the first n images")
    parser.add_argument("--long-side", type=int, default=0, help="detector.long_side")
    options = parser.parse_args(arguments)
    images = list(islice(images_of(options.images, options.size, options.every), options.limit))
    if not images:
        parser.error(f"no image in {options.images}")
    network, detector = facenet_pytorch.MTCNN(), MTCNN(long_side=options.long_side)
    faces: dict[str, list[list[Face]]] = {}

    def find_all(name: str, find: Callable[[np.ndarray], list[Face]]) -> None:
        faces[name] = [find(image) for image in images]

    calls = {
        "fercli": partial(find_all, "fercli", lambda image: detector.detect([image])[0]),
        "facenet-pytorch": partial(find_all, "facenet-pytorch", lambda image: peer(network, [image])[0]),
    }
    with measure.report(options) as report:
        rounds = measure.take_turns(calls, options.repeats)
        table = report.table("Faces", FACES)
        table.add(*compare(faces["fercli"], faces["facenet-pytorch"]))
        columns = {"images": ",", "images/s": ".1f", "facenet-pytorch": ".1f", "ratio": ".2f"}
        table = report.table("Images a second of CPU time", columns)
        own, theirs = (measure.middle([took[name] for took in rounds]).cpu for name in calls)
        ratio = median(took["facenet-pytorch"].cpu / took["fercli"].cpu for took in rounds)
        table.add(len(images), len(images) / own, len(images) / theirs, ratio)


if __name__ == "__main__":
    main()
