"""RAF-DB, basic part: photographs from the web, 7 expressions (Li et al. 2017)."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.errors import DataError, choose
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS

LABELS = dict(zip("1234567", ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"), strict=True))
GENDERS = ("male", "female", "unsure")
RACES = ("Caucasian", "African-American", "Asian")
AGE_GROUPS = ("0-3", "4-19", "20-39", "40-69", "70+")  # years
ROOTS = ("", "basic/", "RAF-DB/basic/", "RAFDB/basic/")
LABEL_FILE = "EmoLabel/list_patition_label.txt"  # the release spells it this way
IMAGES = ("aligned", "original")


class RAFDB:
    """Reads the basic part of RAF-DB: `EmoLabel/list_patition_label.txt` and `Image/aligned/` or `Image/original/`.

    `Annotation/manual/<id>_manu_attri.txt` gives five landmarks of the original image, one a line, followed by the
    numbers of gender, race and age group. Attributes that the file does not give are None.

    Args:
        images: `aligned` (100x100 pixels, as released) or `original`; only original images get the landmarks.
    """

    info = DataInfo(
        name="rafdb",
        title="RAF-DB (basic)",
        licence="non-commercial research, by request to the authors",
        classes=EXPRESSIONS[:7],
        extra={
            "expected_counts": {"train": 12271, "test": 3068},
            "expected_classes": {
                "train": dict(zip(EXPRESSIONS[:7], (2524, 4772, 1982, 1290, 281, 717, 705), strict=True)),
                "test": dict(zip(EXPRESSIONS[:7], (680, 1185, 478, 329, 74, 160, 162), strict=True)),
            },
        },
    )

    def __init__(self, images: str = "aligned"):
        choose("images", images, IMAGES, " in RAF-DB")
        self.images = images

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every line of the label list, and a reject for each image that it does not name.

        Raises:
            DataError: the label list or the folder of images is missing.
        """
        label_file = source.find(*(root + LABEL_FILE for root in ROOTS))
        root = label_file.removesuffix(LABEL_FILE)
        folder = self._folder(source, root)
        roll = Roll(source, image_names(source, folder))
        for number, line in enumerate(source.lines(label_file), start=1):
            if line.strip():
                yield self._row(source, root, folder, roll, line.split(), f"line {number} of {label_file}: {line}")
        yield from roll.without_row(lambda image: _split(image.removeprefix(folder)))

    def _folder(self, source: Source, root: str) -> str:
        folder = f"{root}Image/{self.images}/"
        for candidate in (f"{folder}{self.images}/", folder):  # aligned.zip may unpack into a folder of its own name
            if image_names(source, candidate):
                return candidate
        raise DataError(f"expected images in {folder} of {source.path}; found none (unpack {self.images}.zip there)")

    def _row(self, source: Source, root: str, folder: str, roll: Roll, cells: list[str], place: str) -> Record | Reject:
        stem, _, suffix = cells[0].rpartition(".")
        split = _split(stem)
        image = f"{folder}{stem}{'_aligned' if self.images == 'aligned' else ''}.{suffix}"
        label = cells[1] if len(cells) > 1 else ""
        record = Record(stem or cells[0], split, image, expression=LABELS.get(label))
        entry = roll.enter(record)
        if isinstance(entry, Reject):
            return entry
        if len(cells) != 2:
            return left_out(record, "malformed row", place)
        if not split:
            return left_out(record, "unknown split", place)
        if record.expression is None:
            return left_out(record, "unknown label", label)
        return self._with_attributes(source, f"{root}Annotation/manual/{stem}_manu_attri.txt", record)

    def _with_attributes(self, source: Source, file: str, record: Record) -> Record | Reject:
        if not source.exists(file):
            return record
        lines = source.lines(file)
        gender, race, age_group = (
            _named(names, lines[place : place + 1]) for place, names in enumerate((GENDERS, RACES, AGE_GROUPS), start=5)
        )
        record = replace(record, gender=gender, race=race, age_group=age_group)
        if self.images == "aligned":
            return record
        try:
            points = np.array([line.split() for line in lines[:5]], dtype=np.float64)
        except ValueError:
            points = np.empty(0)
        if points.shape != (5, 2) or not np.isfinite(points).all():
            return left_out(record, "malformed row", f"{file}: expected five lines with x and y")
        return replace(record, landmarks=points)


def _named(names: tuple[str, ...], lines: list[str]) -> str | None:
    """Return the name for the number on the first line; None where there is no line, or no name for the number."""
    number = lines[0].strip() if lines else ""
    return names[int(number)] if number in map(str, range(len(names))) else None


def _split(name: str) -> str:
    prefix = name.partition("_")[0]
    return prefix if prefix in ("train", "test") else ""
