"""Cars-196: photographs of 196 models of cars, for retrieval (Krause et al. 2013)."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from fercli.datasets.readers.rows import Roll, image_names
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import DataInfo, Record, Reject

ROOTS = ("", "cars196/", "stanford_cars/")
ANNOTATIONS = "cars_annos.mat"
FIELDS = ("relative_im_path", "class")


class Cars:
    """Reads `cars_annos.mat` and `car_ims/`.

    The first half of the class numbers is for training, the other half for test: 98 and 98. The division into training
    and test images that the file also holds is that of classification, and is not used.
    """

    info = DataInfo(
        name="cars",
        title="Cars-196",
        licence="non-commercial research",
        extra={"expected_counts": {"train": 8054, "test": 8131}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Every annotation, and every image that has none.

        Raises:
            DataError: the annotations are missing, or cannot be read.
        """
        file = source.find(*(root + ANNOTATIONS for root in ROOTS))
        root = file.removesuffix(ANNOTATIONS)
        rows, names = _annotations(source, file)
        num_classes = max((int(row["class"]) for row in rows), default=0)
        roll = Roll(source, image_names(source, f"{root}car_ims/"))
        for row in rows:
            path, number = str(row["relative_im_path"]), int(row["class"])
            split = "train" if 2 * number <= num_classes else "test"
            name = names[number - 1] if 0 < number <= len(names) else str(number)
            yield roll.enter(Record(path, split, root + path, expression=name))
        yield from roll.without_row(lambda _: "")


def _annotations(source: Source, file: str) -> tuple[list[Any], list[str]]:
    """Rows with the fields of the file, and the names of the classes from number 1 on."""
    from scipy.io import loadmat

    try:
        content = loadmat(io.BytesIO(source.read(file)), squeeze_me=True)
        rows, names = np.atleast_1d(content["annotations"]), np.atleast_1d(content.get("class_names", []))
        if missing := [field for field in FIELDS if field not in (rows.dtype.names or ())]:
            raise ValueError(f"no field {', '.join(missing)}")
    except (ValueError, KeyError, TypeError, NotImplementedError, OSError) as error:
        raise DataError(
            f"expected {file} of {source.path} with annotations and class_names, as released; found {error}"
        ) from None
    return list(rows), [str(name) for name in names]
