"""People that fercli draws itself, for retrieval, in the layout of CUB-200-2011."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fercli.datasets.readers.cub import CUB
from fercli.datasets.source import Source
from fercli.datasets.synthetic.drawing import draw_once
from fercli.datasets.synthetic.items import write_cub
from fercli.records import DataInfo, Record, Reject


class SyntheticItems:
    """Draws images where there are none yet, and reads them. A class is a person; half of the people are for training.

    Args:
        num_classes: number of people.
        images_per_class: images of each person, with random expressions and scenes.
        seed: decides everything that the other options leave open.
        size: width and height of a drawing in pixels.
    """

    info = DataInfo(
        name="synthetic_items",
        title="Synthetic people to find again",
        licence="drawn by fercli: nobody is shown, no restriction",
    )

    def __init__(self, num_classes: int = 60, images_per_class: int = 20, seed: int = 0, size: int = 96):
        self.options: dict[str, Any] = {
            "num_classes": num_classes,
            "images_per_class": images_per_class,
            "seed": seed,
            "size": size,
        }

    def prepare(self, raw: Path) -> None:
        """Draw the raw data set into a folder that is missing or empty; leave a complete data set as it is.

        Raises:
            DataError: the folder holds something else, or images that were drawn with other options.
        """
        if not raw.is_file():
            draw_once(raw, self.options, lambda folder: _write(folder, self.options))

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every image.

        Raises:
            DataError: a list is missing.
        """
        return CUB().read(source)


def _write(folder: Path, options: dict[str, Any]) -> None:
    write_cub(folder, **options)
