"""AffectNet: photographs from the web with expression, valence and arousal (Mollahosseini et al. 2017)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fercli.datasets.readers.arrays import npy
from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.named_rows import named_rows
from fercli.datasets.readers.numbers import QUOTES, number
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS

WITHOUT_EXPRESSION = ("none", "uncertain", "no-face")
LABELS = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt", *WITHOUT_EXPRESSION)
NAMES = {float(number): name for number, name in enumerate(LABELS)}
NO_AFFECT = -2.0
BOX = ("face_x", "face_y", "face_width", "face_height")
COLUMNS = ("subdirectory_filepath", *BOX, "facial_landmarks", "expression", "valence", "arousal")
LISTS = {"training.csv": "train", "validation.csv": "val"}
LIST_FOLDERS = ("", "Manually_Annotated_file_lists/")
IMAGE_FOLDERS = ("Manually_Annotated_Images/", "Manually_Annotated/Manually_Annotated_Images/")
TRAIN_COUNTS = (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750)  # in the order of EXPRESSIONS, whole release
SETS = {"train_set": "train", "val_set": "val"}


class AffectNet:
    """Reads the manually annotated part of AffectNet, in the layout of 2017 or of 2021, whichever is there.

    2017: `training.csv`, `validation.csv` and `Manually_Annotated_Images/`; every row has a face box and 68 landmarks.
    2021: `train_set/` and `val_set/`, each with `images/<id>.jpg` and `annotations/<id>_{exp,val,aro,lnd}.npy`; the
    images are cropped and have no boxes. The test split was never published.

    Args:
        num_classes: 8, or 7 to leave out contempt.
    """

    def __init__(self, num_classes: int = 8):
        if num_classes not in (7, 8):
            raise ConfigError(f"expected 7 or 8 classes; found num_classes={num_classes}")
        self.info = DataInfo(
            name="affectnet",
            title="AffectNet",
            licence="non-commercial research, by request to the authors",
            classes=EXPRESSIONS[:num_classes],
            # With eight classes; without contempt 283,901 and 3,500. Some copies of 2021 have 3,999 validation images.
            extra={
                "expected_expressions": {"train": 287651, "val": 4000},
                "expected_classes": {
                    "train": dict(zip(EXPRESSIONS, TRAIN_COUNTS, strict=True)),
                    "val": dict.fromkeys(EXPRESSIONS, 500),
                },
            },
        )

    def protocol(self, source: Source) -> dict[str, str]:
        """Return the release that the files come from."""
        return {"version": "2021" if _is_2021(source) else "2017"}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row or image of both splits.

        Raises:
            DataError: neither layout is there, or a part of the layout is missing.
        """
        if _is_2021(source):
            for folder, split in SETS.items():
                yield from self._read_2021(source, folder, split)
        else:
            yield from self._read_2017(source)

    def _read_2017(self, source: Source) -> Iterator[Record | Reject]:
        files = {source.find(*(f"{folder}{name}" for folder in LIST_FOLDERS)): split for name, split in LISTS.items()}
        root = next((folder for folder in IMAGE_FOLDERS if image_names(source, folder)), "")
        if not root:
            raise DataError(f"expected images in {' or '.join(IMAGE_FOLDERS)} of {source.path}; found none")
        roll = Roll(source, image_names(source, root))
        for file, split in files.items():
            for line, row in named_rows(source, file, COLUMNS):
                place = f"line {line} of {file}"
                if row is None:
                    yield Reject(place, split, "", "malformed row", f"{place}: expected as many cells as columns")
                    continue
                name = row["subdirectory_filepath"]
                entry = self._named(roll.enter(Record(name, split, root + name)), row["expression"].strip(QUOTES))
                yield entry if isinstance(entry, Reject) else _from_row(entry, row, place)
        yield from roll.without_row(lambda _: "")

    def _read_2021(self, source: Source, folder: str, split: str) -> Iterator[Record | Reject]:
        images = {_stem(name): name for name in image_names(source, f"{folder}/images/")}
        labels = {_stem(name).removesuffix("_exp") for name in source.names(f"{folder}/annotations/*_exp.npy")}
        if not images or not labels:
            raise DataError(f"expected {folder}/images/ and {folder}/annotations/ in {source.path}; found at most one")
        roll = Roll(source)
        for stem in sorted(images.keys() | labels):
            image = images.get(stem, f"{folder}/images/{stem}.jpg")
            entry = roll.enter(Record(f"{split}_{stem}", split, image))
            yield (
                entry if isinstance(entry, Reject) else self._from_arrays(source, entry, f"{folder}/annotations/{stem}")
            )

    def _from_arrays(self, source: Source, record: Record, place: str) -> Record | Reject:
        try:
            entry = self._named(record, _array(source, f"{place}_exp.npy").item())
            if isinstance(entry, Reject):
                return entry
            affect = [_array(source, f"{place}_{kind}.npy").item() for kind in ("val", "aro")]
            file = f"{place}_lnd.npy"
            landmarks = _landmarks(_array(source, file).ravel()) if source.exists(file) else None
            return _with_affect(replace(entry, landmarks=landmarks), affect)
        except DataError as error:
            kinds = ("exp", "val", "aro")
            is_there = all(source.exists(f"{place}_{kind}.npy") for kind in kinds)
            return left_out(record, "annotation damaged" if is_there else "annotation missing", str(error))
        except ValueError as error:
            return left_out(record, "malformed row", f"{place}_*.npy: {error}")

    def _named(self, entry: Record | Reject, label: Any) -> Record | Reject:
        """Return the record with the name of its expression, or a reject."""
        if isinstance(entry, Reject):
            return entry
        try:
            name = NAMES.get(float(label))
        except (TypeError, ValueError):
            name = None
        if name is None:
            return left_out(entry, "unknown label", str(label))
        if name in WITHOUT_EXPRESSION:
            return left_out(entry, f"labelled {name}")
        record = replace(entry, expression=name)
        return record if name in (self.info.classes or ()) else left_out(record, "class left out", name)


def _is_2021(source: Source) -> bool:
    return any(source.names(f"{folder}/images/*") for folder in SETS)


def _from_row(record: Record, row: Mapping[str, str], place: str) -> Record | Reject:
    try:
        x, y, width, height = (number(row[column]) for column in BOX)
        if not (width > 0 and height > 0):
            raise ValueError(f"expected a face box, found {width:g} x {height:g} pixels")
        points = row["facial_landmarks"]
        landmarks = _landmarks([number(part) for part in points.split(";")]) if points else None
        # The box covers whole pixels, and pixel centers have integer coordinates.
        box = (x - 0.5, y - 0.5, x + width - 0.5, y + height - 0.5)
        return _with_affect(
            replace(record, landmarks=landmarks, box=box), (number(row["valence"]), number(row["arousal"]))
        )
    except ValueError as error:
        return left_out(record, "malformed row", f"{place}: {error}")


def _with_affect(record: Record, affect: Sequence[Any]) -> Record | Reject:
    valence, arousal = map(float, affect)
    if NO_AFFECT in (valence, arousal):
        return record
    if not (-1 <= valence <= 1 and -1 <= arousal <= 1):
        return left_out(record, "value out of range", f"valence and arousal {valence:g}, {arousal:g}")
    return replace(record, valence=valence, arousal=arousal)


def _landmarks(numbers: Any) -> np.ndarray:
    points = np.array(numbers, dtype=np.float64)
    if points.size != 136 or not np.isfinite(points).all():
        raise ValueError(f"expected 68 landmarks x;y;x;y;..., found {np.isfinite(points).sum()} numbers")
    return points.reshape(68, 2)


def _array(source: Source, name: str) -> np.ndarray:
    """Read an array of numbers, or of strings that hold numbers."""
    array = npy(source, name)
    if array.dtype.kind not in "biufUS":
        raise ValueError(f"expected numbers, found {array.dtype}")
    return array


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]
