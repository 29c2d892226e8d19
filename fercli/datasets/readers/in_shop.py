"""In-Shop Clothes of DeepFashion: photographs of clothes, queries against a gallery (Liu et al. 2016)."""

from collections.abc import Iterator

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import DataInfo, Record, Reject

ROOTS = ("", "In-shop Clothes Retrieval Benchmark/", "inshop/", "in_shop/")
LISTS = ("Eval/list_eval_partition.txt", "list_eval_partition.txt")
IMAGES = ("Img/", "")  # where the `img/` of the list lies
SPLITS = {"train": "train", "query": "test", "gallery": "test"}
NUM_CELLS = 3  # image_name item_id evaluation_status


class InShop:
    """Reads `Eval/list_eval_partition.txt` and `Img/img/`; a class is an item, and a test image is query or gallery."""

    info = DataInfo(
        name="in_shop",
        title="In-Shop Clothes",
        licence="non-commercial research, by signed agreement with the authors",
        extra={"expected_counts": {"train": 25882, "test": 26830}},
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every line of the list, and a reject for each image that it does not name.

        Raises:
            DataError: the list or the folder of images is missing.
        """
        file = source.find(*(root + name for root in ROOTS for name in LISTS))
        root = next(file.removesuffix(name) for name in LISTS if file.endswith(name))
        folder = next((root + folder for folder in IMAGES if image_names(source, f"{root}{folder}img/")), None)
        if folder is None:
            raise DataError(f"expected images in {root}Img/img/ of {source.path}; found none (unpack img.zip there)")
        roll = Roll(source, image_names(source, f"{folder}img/"))
        for number, line in enumerate(source.lines(file), start=1):
            cells = line.split()
            if number == 1 or not cells or cells[0] == "image_name":  # the first line is the number of rows
                continue
            split = SPLITS.get(cells[-1], "")
            record = Record(
                cells[0],
                split,
                folder + cells[0],
                expression=cells[1] if len(cells) == NUM_CELLS else None,
                role=cells[-1] if split == "test" else None,
            )
            if len(cells) != NUM_CELLS or not split:
                roll.strike(record)
                reason = "malformed row" if len(cells) != NUM_CELLS else "unknown split"
                yield left_out(record, reason, f"line {number} of {file}: {line}")
            else:
                yield roll.enter(record)
        yield from roll.without_row(lambda _: "")
