"""Measure how many changed copies of images `fercli audit` finds, and what it costs.

    python -m benchmarks.twin_recall [--store PATH] [--copies 1000] [--faces 4000] [--scale 400000]

A share of the images of a store is copied, with each change, and searched among all images of the store. Without a
store, drawn faces are used. `--scale` also searches that many random thumbnails, to measure the cost of a large set.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks import measure
from fercli.audit.audit import LEAST_SIMILARITY
from fercli.audit.candidates import candidates
from fercli.audit.similarity import Shared, similarities
from fercli.audit.thumbnails import thumbnail
from fercli.datasets.store import Store
from fercli.datasets.synthetic.faces import faces

SHIFT = 2  # pixels


def jpeg(image: np.ndarray) -> np.ndarray:
    """Compress as JPEG of quality 60."""
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_UNCHANGED)


def shift(image: np.ndarray) -> np.ndarray:
    """Move by 2 pixels down and right; the border is repeated."""
    return cv2.copyMakeBorder(image, SHIFT, 0, SHIFT, 0, cv2.BORDER_REPLICATE)[: image.shape[0], : image.shape[1]]


def gray(image: np.ndarray) -> np.ndarray:
    """Remove the color."""
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def mirror(image: np.ndarray) -> np.ndarray:
    """Exchange left and right."""
    return np.ascontiguousarray(image[:, ::-1])


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "shift by 2 pixels": shift,
    "gray": gray,
    "mirrored": mirror,
    "JPEG 60": jpeg,
    "all four": lambda image: jpeg(mirror(shift(gray(image)))),
}


def images_of(path: Path | None, number: int) -> list[np.ndarray]:
    """Return different images of a store, or drawn faces of 112 pixels: (H, W) or (H, W, 3) uint8 in BGR."""
    if path is None:
        return [cv2.resize(face.image[..., ::-1], (112, 112)) for face in faces(number, seed=0, size=112)]
    store = Store(path)
    rows = np.unique(store.equal_images)
    return [cv2.imdecode(np.frombuffer(store.image(row), np.uint8), cv2.IMREAD_UNCHANGED) for row in rows]


def found_copies(small: np.ndarray, picked: np.ndarray, copies: np.ndarray) -> tuple[float, int]:
    """Return the share of copies that are found as twins of their image, in percent, and the number of other pairs."""
    everything = np.concatenate([small, copies])
    pairs = candidates(everything, np.repeat([0, 1], [len(small), len(copies)]))
    values, _ = similarities(everything, pairs, Shared.of(small))
    pairs = pairs[values >= LEAST_SIMILARITY]
    of_copy = picked[pairs[:, 1] - len(small)]
    right = np.unique(pairs[of_copy == pairs[:, 0], 1])
    return 100 * len(right) / len(copies), int((of_copy != pairs[:, 0]).sum())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the recall of every change, and the cost of the search."""
    parser = measure.parser_of(__spec__.name, __doc__, 1, "searches of each size that are timed")
    parser.add_argument("--store", type=Path, help="a store; drawn faces otherwise")
    parser.add_argument("--faces", type=measure.positive, default=4000, help="drawn faces, without a store")
    parser.add_argument("--copies", type=measure.positive, default=1000, help="images that are copied with each change")
    parser.add_argument("--scale", type=measure.positive, help="random thumbnails whose search is timed")
    given = parser.parse_args(arguments)
    with measure.report(given) as report:
        images = images_of(given.store, given.faces)
        small = np.stack([thumbnail(gray(image)) for image in images])
        picked = np.sort(np.random.default_rng(0).choice(len(images), min(given.copies, len(images)), replace=False))
        columns = {"change": "", "images": ",", "copies": ",", "found (%)": ".2f", "other pairs": ","}
        table = report.table("Copies that are found", columns)
        for name, change in CHANGES.items():
            copies = np.stack([thumbnail(gray(change(images[i]))) for i in picked])
            share, others = found_copies(small, picked, copies)
            table.add(name, len(images), len(picked), share, others)
        cost = report.table("Cost of the search", {"thumbnails": ",", "candidates": ",", "CPU s": ",.1f", "GiB": ".1f"})
        searched = {len(small): small}
        if given.scale is not None:
            noise = np.random.default_rng(0).integers(0, 256, (given.scale, 12, 12), dtype=np.uint8)
            searched[given.scale] = np.stack([thumbnail(image) for image in noise])
        for number, thumbnails in searched.items():
            search = partial(candidates, thumbnails, np.arange(number))
            runs = [measure.once(search) for _ in range(given.repeats)]
            took = measure.middle([took for _, took in runs])
            cost.add(number, len(runs[0][0]), took.cpu, measure.peak_memory() / 1024)


if __name__ == "__main__":
    main()
