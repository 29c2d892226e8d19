"""Cars-196: photographs of 196 models of cars, for retrieval (Krause et al. 2013)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.numbers import whole_number
from fercli.datasets.readers.roll import Roll
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import DataInfo, Record, Reject

ROOTS = ("", "cars196/", "stanford_cars/")
ANNOTATIONS = "cars_annos.mat"
FIELDS = ("relative_im_path", "class")


class Cars:
    """Reads `cars_annos.mat` and `car_ims/`.

    The first half of the class numbers is for training, the second half for test: 98 classes each. The file also holds
    a split into training and test images; it is for classification, and this reader does not use it.
    """

    info = DataInfo(
        name="cars",
        title="Cars-196",
        licence="non-commercial research",
        extra={"expected_counts": {"train": 8054, "test": 8131}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every annotation, and a reject for each image without one.

        Raises:
            DataError: the annotations are missing or cannot be read.
        """
        file = source.find(*(root + ANNOTATIONS for root in ROOTS))
        root = file.removesuffix(ANNOTATIONS)
        rows, names = _annotations(source, file)
        numbers = [_number(row) for row in rows]
        num_classes = max((number for number in numbers if number is not None), default=0)
        roll = Roll(source, image_names(source, f"{root}car_ims/"))
        for index, (row, number) in enumerate(zip(rows, numbers, strict=True), start=1):
            path = row["relative_im_path"]
            if number is None or not isinstance(path, str) or not path:
                yield Reject(
                    f"annotation {index} of {file}", "", "", "malformed row", f"expected a path and a class: {row}"
                )
                continue
            split = "train" if 2 * number <= num_classes else "test"
            name = names[number - 1] if 0 < number <= len(names) else str(number)
            yield roll.enter(Record(path, split, root + path, expression=name))
        yield from roll.without_row(lambda _: "")


def _annotations(source: Source, file: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows as dictionaries of fields, and the names of the classes, in which class 1 is first."""
    content = read_apart(source, file, "mat")
    rows, names = content.get("annotations"), content.get("class_names", [])
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"expected annotations in {source.place(file)}, as released; {_without(FIELDS)}")
    if missing := [field for field in FIELDS if not all(field in row for row in rows)]:
        raise DataError(f"expected annotations in {source.place(file)}, as released; {_without(missing)}")
    return rows, [str(name) for name in (names if isinstance(names, list) else [names])]


def _without(fields: Iterable[str]) -> str:
    return f"found no field {', '.join(fields)}"


def _number(row: Mapping[str, Any]) -> int | None:
    value = row["class"]
    return whole_number(str(value)) if isinstance(value, int | float) else None
