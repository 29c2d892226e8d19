"""ExpW: photographs from the web, with boxes of faces and 7 expressions (Zhang et al. 2018)."""

from collections.abc import Iterator
from dataclasses import replace

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.numbers import number
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.readers.splitting import drawn_rule, with_splits
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import ALL_SPLITS, DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS

LABELS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
COUNTS = (3671, 3995, 1088, 30537, 10559, 7060, 34883)  # in the order of LABELS
NUM_CELLS = 8
LABEL_FILES = ("label/label.lst", "label.lst")
IMAGE_FOLDERS = ("image/origin/", "origin/", "image/")
ROOTS = ("", "data/", "ExpW/", "ExpW/data/")


class ExpW:
    """Reads `label/label.lst` and `image/origin/`, where all parts of `origin.7z` are unpacked.

    A line is a face: name of the image, number of the face, top, left, right and bottom of its box, confidence of the
    detector, expression. The release has no splits: 70 % train, 10 % val and 20 % test are drawn, stratified by
    expression; the faces of one photograph stay together.

    Args:
        seed: seed of the draw.
    """

    info = DataInfo(
        name="expw",
        title="ExpW",
        licence="as its authors say",
        classes=EXPRESSIONS[:7],
        extra={
            "expected_expressions": {ALL_SPLITS: 91793},
            "expected_classes": {ALL_SPLITS: dict(zip(LABELS, COUNTS, strict=True))},
        },
    )

    def __init__(self, seed: int = 0):
        self.seed = seed

    def protocol(self, source: Source) -> dict[str, str]:
        """Return how the splits are drawn."""
        return {"split_rule": drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every line of the label list, and a reject for each image that it does not name.

        Raises:
            DataError: the label list or the folder of images is missing.
        """
        label_file = source.find(*(root + name for root in ROOTS for name in LABEL_FILES))
        root = next(label_file.removesuffix(name) for name in LABEL_FILES if label_file.endswith(name))
        folder = next((root + name for name in IMAGE_FOLDERS if image_names(source, root + name)), None)
        if folder is None:
            raise DataError(
                f"expected images in {root}image/origin/ of {source.path}; found none (unpack origin.7z there)"
            )
        roll = Roll(source, image_names(source, folder))
        records = []
        for line_number, line in enumerate(source.lines(label_file), start=1):
            if line.strip():
                row = _row(roll, folder, line, f"line {line_number} of {label_file}")
                if isinstance(row, Record):
                    records.append(row)
                else:
                    yield row
        yield from with_splits(records, self.seed)
        yield from roll.without_row(lambda _: "")


def _row(roll: Roll, folder: str, line: str, place: str) -> Record | Reject:
    cells = line.rsplit(maxsplit=NUM_CELLS - 1)  # the name of an image may hold a space
    if len(cells) != NUM_CELLS:
        return Reject(place, "", "", "malformed row", f"expected {NUM_CELLS} cells: {line}")
    name, face, *corners, confidence, label = cells
    record = Record(
        f"{name.rpartition('.')[0] or name}_{face}",
        "",
        folder + name,
        expression=LABELS[int(label)] if label in map(str, range(len(LABELS))) else None,
        more=(("photograph", name), ("confidence", confidence)),
    )
    entry = roll.enter(record)
    if isinstance(entry, Reject):
        return entry
    if entry.expression is None:
        return left_out(entry, "unknown label", label)
    try:
        top, left, right, bottom = map(number, corners)
        if not (right > left and bottom > top):
            raise ValueError(f"expected a face box; found {right - left:g} x {bottom - top:g} pixels")
    except ValueError as error:
        return left_out(entry, "malformed row", f"{place}: {error}")
    # Corners are borders of pixels, from 0; in a record the center of the first pixel is 0.
    return replace(entry, box=(left - 0.5, top - 0.5, right - 0.5, bottom - 0.5))
