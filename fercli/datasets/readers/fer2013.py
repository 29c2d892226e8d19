"""FER2013: 35,887 gray photographs of 48x48 pixels, 7 expressions (Goodfellow et al. 2013, arXiv 1307.0414)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.named_rows import named_rows
from fercli.datasets.readers.numbers import whole_number
from fercli.datasets.readers.splitting import split_of
from fercli.datasets.source import Source
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS, canonical

LABELS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
USAGES = {"training": "train", "publictest": "val", "privatetest": "test"}
SIDE = 48


def pixels(text: str) -> np.ndarray | None:
    """Return the (48, 48) uint8 image from 2304 numbers separated by spaces; None for any other text."""
    if not (text.isascii() and text.replace(" ", "").isdecimal()):
        return None
    values = np.fromstring(text, dtype=np.int64, sep=" ")
    fits = len(values) == SIDE**2 and values.max() <= 255
    return values.astype(np.uint8).reshape(SIDE, SIDE) if fits else None


class FER2013:
    """Reads FER2013 as `fer2013.csv` (`icml_face_data.csv`), or as folders `train/<class>/`, `test/<class>/`.

    The public test set is `val`, the private test set `test`. The folder form keeps both in `test/`: file names that
    begin with `PublicTest_` or `PrivateTest_` tell them apart; files with other names are `test`.
    """

    info = DataInfo(
        name="fer2013",
        title="FER2013",
        licence="research use; the rights to the photographs are not cleared",
        classes=EXPRESSIONS[:7],
        extra={"expected_counts": {"train": 28709, "val": 3589, "test": 3589}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row, or every image file.

        Raises:
            DataError: there is neither a CSV nor folders, or the CSV lacks a column.
        """
        candidates = ("fer2013.csv", "icml_face_data.csv", "fer2013/fer2013.csv")
        images = [name for name in image_names(source) if split_of(name.partition("/")[0])]
        if images and not any(map(source.exists, candidates)):
            yield from _read_folders(images)
        else:
            yield from _read_csv(source, source.find(*(source.names() if source.is_single else candidates)))


def _read_csv(source: Source, file: str) -> Iterator[Record | Reject]:
    for number, (line, row) in enumerate(named_rows(source, file, ("emotion", "pixels", "usage"))):
        name = f"row{number:05d}"
        if row is None:
            yield Reject(name, "", "", "malformed row", f"line {line} of {file}")
            continue
        split = USAGES.get(row["usage"].lower(), "")
        image = pixels(row["pixels"])
        emotion, label = whole_number(row["emotion"]), row["emotion"]
        if not split:
            yield Reject(name, "", label, "unknown split", row["usage"])
        elif image is None:
            yield Reject(name, split, label, "malformed row", f"line {line} of {file}: expected 2304 pixels in 0..255")
        elif emotion is None or emotion >= len(LABELS):
            yield Reject(name, split, label, "unknown label", label)
        else:
            yield Record(name, split, image, expression=LABELS[emotion])


def _read_folders(images: list[str]) -> Iterator[Record | Reject]:
    for name in images:
        path = PurePosixPath(name)
        prefix = path.name.partition("_")[0].lower()
        split = USAGES.get(prefix) or split_of(path.parts[0]) or ""
        word = path.parts[1] if len(path.parts) > 2 else ""
        expression = canonical(word)
        if expression in LABELS:
            yield Record(name, split, name, expression=expression)
        else:
            yield Reject(name, split, word, "unknown label", word or "no class folder")
