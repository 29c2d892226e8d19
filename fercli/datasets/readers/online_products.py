"""Stanford Online Products: photographs of 22,634 products, for retrieval (Oh Song et al. 2016)."""

from collections.abc import Iterator

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.records import DataInfo, Record, Reject

ROOTS = ("", "Stanford_Online_Products/", "online_products/")
LISTS = {"train": "Ebay_train.txt", "test": "Ebay_test.txt"}
NUM_CELLS = 4  # image_id class_id super_class_id path


class OnlineProducts:
    """Reads `Ebay_train.txt` and `Ebay_test.txt`, which share no class; the name of a class is its number."""

    info = DataInfo(
        name="online_products",
        title="Stanford Online Products",
        licence="non-commercial research",
        extra={"expected_counts": {"train": 59551, "test": 60502}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every line of the two lists, and a reject for each image that neither list names.

        Raises:
            DataError: a list is missing.
        """
        first = source.find(*(root + LISTS["train"] for root in ROOTS))
        root = first.removesuffix(LISTS["train"])
        roll = Roll(source, image_names(source, root))
        for split, file in LISTS.items():
            lines = source.lines(source.find(root + file))
            for number, line in enumerate(lines, start=1):
                cells = line.split()
                if not cells or (number == 1 and cells[0] == "image_id"):
                    continue
                record = Record(cells[-1], split, root + cells[-1], expression=cells[1] if len(cells) > 1 else None)
                if len(cells) != NUM_CELLS or not cells[1].isdecimal():
                    roll.strike(record)
                    yield left_out(record, "malformed row", f"line {number} of {file}: {line}")
                else:
                    yield roll.enter(record)
        yield from roll.without_row(lambda _: "")
