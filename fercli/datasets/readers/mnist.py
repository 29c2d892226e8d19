"""MNIST digits, and W-MNIST: MNIST with a training set reduced to unequal classes (Farzaneh 2020, section 3.3.1)."""

import gzip
import math
from collections.abc import Iterator, Mapping

import numpy as np

from fercli.datasets.readers.arrays import npz
from fercli.datasets.source import Source, check_ratio
from fercli.errors import ConfigError, DataError, reading
from fercli.records import DataInfo, Record, Reject

DIGITS = tuple("0123456789")
FOLDERS = ("", "MNIST/raw/", "raw/")
IDX_NAMES = ("{0}-{1}-idx{2}-ubyte", "{0}-{1}.idx{2}-ubyte")
IDX_PREFIXES = {"train": "train", "test": "t10k"}


class MNIST:
    """Reads an npz with `x_train`, `y_train`, `x_test`, `y_test`, or the four IDX files, with or without `.gz`.

    Args:
        counts: number of training images to draw for each digit. None keeps all images; so does a digit that is not
            named. The test set is never reduced.
        seed: seed of the draw. Each digit is drawn separately: its images do not depend on the other counts.
    """

    def __init__(self, counts: Mapping[str, int] | None = None, seed: int = 0):
        self.counts = {str(digit): int(count) for digit, count in (counts or {}).items()}
        self.seed = seed
        if unknown := [digit for digit in self.counts if digit not in DIGITS]:
            raise ConfigError(f"expected counts for the digits 0 to 9; found {', '.join(unknown)}")

    @property
    def info(self) -> DataInfo:
        """Facts about MNIST, or about W-MNIST where `counts` is given."""
        name, title = ("wmnist", "W-MNIST") if self.counts else ("mnist", "MNIST")
        expected = {"train": 60000, "test": 10000}
        return DataInfo(name, title, "CC BY-SA 3.0", classes=DIGITS, extra={"expected_counts": expected})

    def protocol(self, source: Source) -> dict[str, str]:
        """Return how many training images of each digit are kept; empty without `counts`."""
        counts = ", ".join(str(self.counts.get(digit, "all")) for digit in DIGITS)
        return {"version": f"training images of 0 to 9: {counts}"} if self.counts else {}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every image, in the order of the release.

        Raises:
            DataError: files are missing, damaged or do not fit together.
            ConfigError: a digit has fewer images than `counts` asks for.
        """
        for split, (images, labels) in _arrays(source).items():
            is_image = images.dtype == np.uint8 and images.ndim == 3 and images.size > 0
            if not is_image or labels.dtype.kind not in "iu" or labels.shape != (len(images),):
                raise DataError(
                    f"expected N uint8 images (N, H, W) and N whole numbers as labels in {source.path}; "
                    f"found {images.dtype} {images.shape} and {labels.dtype} {labels.shape} for {split}"
                )
            drawn = self._draw(labels) if split == "train" else np.ones(len(labels), dtype=bool)
            for number, (image, label) in enumerate(zip(images, labels, strict=True)):
                name, digit = f"{split}_{number:05d}", str(label)
                if digit not in DIGITS:
                    yield Reject(name, split, digit, "unknown label", digit)
                elif not drawn[number]:
                    yield Reject(name, split, digit, "not in the drawn subset")
                else:
                    yield Record(name, split, image, expression=digit)

    def _draw(self, labels: np.ndarray) -> np.ndarray:
        """Return (N,) bool: which training images are kept."""
        drawn = np.ones(len(labels), dtype=bool)
        for digit, count in self.counts.items():
            members = np.flatnonzero(labels == int(digit))
            if not 0 <= count <= len(members):
                raise ConfigError(f"expected 0 to {len(members)} images of digit {digit}; found counts.{digit}={count}")
            drawn[np.random.default_rng([self.seed, int(digit)]).permutation(members)[count:]] = False
        return drawn


def _arrays(source: Source) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    archives = source.names("*.npz")
    if not archives:
        return {
            split: (_idx(source, prefix, "images", 3), _idx(source, prefix, "labels", 1))
            for split, prefix in IDX_PREFIXES.items()
        }
    keys = [f"{kind}_{split}" for split in IDX_PREFIXES for kind in "xy"]
    arrays = npz(source, archives[0], keys)
    return {split: (arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in IDX_PREFIXES}


def _idx(source: Source, prefix: str, kind: str, num_dimensions: int) -> np.ndarray:
    """Read an IDX file of bytes: two zeros, type 8, number of dimensions, sizes as big-endian int32, values."""
    names = [folder + name.format(prefix, kind, num_dimensions) for folder in FOLDERS for name in IDX_NAMES]
    file = source.find(*names, *(name + ".gz" for name in names))
    place, length = source.place(file), 4 + 4 * num_dimensions
    with reading(place, f"an IDX file of {num_dimensions} dimensions"), source.open(file) as packed:
        stream = gzip.GzipFile(fileobj=packed) if file.endswith(".gz") else packed
        head = stream.read(length)
        shape = tuple(map(int, np.frombuffer(head[4:], dtype=">i4")))
        if len(head) != length or head[:4] != bytes([0, 0, 8, num_dimensions]) or min(shape) < 0:
            raise ValueError("unknown header")
        declared = math.prod(shape)
        check_ratio(place, source.size(file), declared)
        values = stream.read(declared)
        if len(values) != declared or stream.read(1):
            raise ValueError(
                f"its header declares {declared:,} bytes; it has {'fewer' if len(values) < declared else 'more'}"
            )
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)
