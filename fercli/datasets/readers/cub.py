"""CUB-200-2011: photographs of 200 kinds of birds, for retrieval (Wah et al. 2011)."""

from collections.abc import Iterator

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.numbers import whole_number
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.records import DataInfo, Record, Reject

ROOTS = ("", "CUB_200_2011/", "CUB-200-2011/")


class CUB:
    """Reads `images.txt`, `image_class_labels.txt` and `images/`; a class is named after the folder of its images.

    The first half of the class numbers is for training, the second half for test: 100 classes each.
    """

    info = DataInfo(
        name="cub",
        title="CUB-200-2011",
        licence="non-commercial research and education",
        extra={"expected_counts": {"train": 5864, "test": 5924}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every line of `images.txt`, and a reject for each image that it does not name.

        Raises:
            DataError: a list is missing.
        """
        names_file = source.find(*(f"{root}images.txt" for root in ROOTS))
        root = names_file.removesuffix("images.txt")
        numbers = dict(_pairs(source, source.find(f"{root}image_class_labels.txt")))
        num_classes = max((whole_number(number) or 0 for number in numbers.values()), default=0)
        roll = Roll(source, image_names(source, f"{root}images/"))
        for key, name in _pairs(source, names_file):
            number = whole_number(numbers.get(key, ""))
            split = "" if number is None else "train" if 2 * number <= num_classes else "test"
            record = Record(name, split, f"{root}images/{name}", expression=name.partition("/")[0])
            if "/" not in name:
                yield left_out(record, "malformed row", f"{names_file}: {key} {name}")
            elif not split:
                roll.strike(record)
                yield left_out(record, "no label", f"image {key}: class {numbers.get(key) or 'missing'}")
            else:
                yield roll.enter(record)
        yield from roll.without_row(lambda _: "")


def _pairs(source: Source, name: str) -> Iterator[tuple[str, str]]:
    """Yield the first word and the rest of each line."""
    for line in source.lines(name):
        if line.strip():
            first, _, rest = line.strip().partition(" ")
            yield first, rest.strip()
