"""Measure what it costs in boxes to look for faces in every n-th frame of a video only, and what it saves.

    python -m benchmarks.followed_faces --video face-video.mp4 [--every 2,3,5,10] [--choose largest,central] [--limit N]

The face that `fercli preprocess` keeps of each frame is compared with the one that it keeps with `detector.every=1`.
Time is that of all frames, in CPU time, with frames that are decoded before.
"""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import measure
from benchmarks.mtcnn import SAME, frames
from fercli.preprocess.detect import CHOICES, MTCNN
from fercli.preprocess.face import Absent, Face, overlap
from fercli.preprocess.follow import faces
from fercli.preprocess.pictures import Picture
from fercli.records import Record

COLUMNS = {
    "choose": "",
    "every": ",",
    "frames": ",",
    "looked at": ",",
    "faces in every frame": ",",
    "found": ",",
    "same face": ",",
    "median overlap": ".3f",
    "5th percentile": ".3f",
    "smallest": ".3f",
    "points": ".3f",
    "CPU s": ".2f",
    "times as fast": ".2f",
}


class Counted(MTCNN):
    """Counts the images in which it looks for faces."""

    num_looked = 0

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """Find all faces of each image."""
        self.num_looked += len(images)
        return super().detect(images)


def kept(detector: Counted, film: Sequence[tuple[Record, Picture]]) -> list[Face | Absent]:
    """Return the face to keep of each frame."""
    detector.num_looked = 0
    return [face for _, _, face in faces(detector, film)]


def compare(found: Sequence[Face | Absent], expected: Sequence[Face | Absent]) -> tuple[float | None, ...]:
    """Return the columns of the table from the faces in every frame to the distance of the points.

    That is the mean over five points and all frames with the same face, in sides of the box.
    """
    both = [(a, b) for a, b in zip(found, expected, strict=True) if isinstance(a, Face) and isinstance(b, Face)]
    overlaps = np.array([overlap(a.box, b.box) for a, b in both])
    same = overlaps >= SAME
    counts = (*(sum(isinstance(face, Face) for face in each) for each in (expected, found)), int(same.sum()))
    if not same.any():
        return *counts, None, None, None, None
    apart = [
        np.linalg.norm(np.subtract(a.points, b.points), axis=1).mean() / (b.box[2] - b.box[0])
        for (a, b), is_same in zip(both, same, strict=True)
        if is_same
    ]
    shares = overlaps[same]
    spread = (float(np.median(shares)), float(np.quantile(shares, 0.05)), float(shares.min()))
    return *counts, *spread, float(np.mean(apart))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 1, "passes over all frames")
    parser.add_argument("--video", type=Path, required=True, help="a video")
    parser.add_argument("--every", type=measure.numbers, default=[2, 3, 5, 10], help="detector.every; 2,3,5,10")
    parser.add_argument(
        "--choose", type=measure.names, default=["largest"], help=f"detector.choose: {', '.join(CHOICES)}"
    )
    parser.add_argument("--limit", type=measure.positive, help="read only the first n frames")
    options = parser.parse_args(arguments)
    images = islice(frames(options.video, 1), options.limit)
    film = [
        (Record(str(i), "train", options.video.name, frame=i), Picture(np.ascontiguousarray(image[..., ::-1]), time=i))
        for i, image in enumerate(images)
    ]
    if not film:
        parser.error(f"no frame in {options.video}")
    with measure.report(options) as report:
        table = report.table("Faces that are followed", COLUMNS)
        for choose in options.choose:
            detectors = {every: Counted(every=every, choose=choose) for every in dict.fromkeys([1, *options.every])}
            found: dict[int, list[Face | Absent]] = {}

            def keep(every: int, detectors: dict[int, Counted] = detectors, found: dict = found) -> None:
                found[every] = kept(detectors[every], film)

            rounds = measure.take_turns({str(every): partial(keep, every) for every in detectors}, options.repeats)
            took = {every: measure.middle([one[str(every)] for one in rounds]).cpu for every in detectors}
            for every, detector in detectors.items():
                row = compare(found[every], found[1])
                table.add(choose, every, len(film), detector.num_looked, *row, took[every], took[1] / took[every])


if __name__ == "__main__":
    main()
