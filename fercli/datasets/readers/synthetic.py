"""Faces that fercli draws itself: a data set that everyone has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.datasets.synthetic.drawing import draw_once
from fercli.datasets.synthetic.raw import LABELS, write_raw
from fercli.errors import ConfigError
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS


class Synthetic:
    """Draws faces where there are none yet, and reads them.

    Args:
        num_faces: how many faces to draw.
        seed: decides everything that the other options leave open.
        balance: `balanced`, or `wild`: as long-tailed as the training images of RAF-DB.
        size: width and height of a drawing in pixels; the head fills about half of it.
        num_classes: 8, or 7 to leave out contempt.
        context_correlation: probability that the background is that of the expression; otherwise it is drawn at random.
        num_subjects: number of people to draw: 70 % for training, 10 % for validation, 20 % for test.
    """

    def __init__(
        self,
        num_faces: int = 1200,
        seed: int = 0,
        balance: str = "wild",
        size: int = 160,
        num_classes: int = 8,
        context_correlation: float = 0.5,
        num_subjects: int = 120,
    ):
        if num_classes not in (7, 8):
            raise ConfigError(f"expected 7 or 8 classes; found num_classes={num_classes}")
        self.options: dict[str, Any] = {
            "num_faces": num_faces,
            "seed": seed,
            "classes": list(EXPRESSIONS[:num_classes]),
            "balance": balance,
            "size": size,
            "context_correlation": context_correlation,
            "num_subjects": num_subjects,
        }
        self.info = DataInfo(
            name="synthetic",
            title="Synthetic faces",
            licence="drawn by fercli: nobody is shown, no restriction",
            classes=EXPRESSIONS[:num_classes],
        )

    def prepare(self, raw: Path) -> None:
        """Draw the raw data set into a folder that is missing or empty; leave a complete data set as it is.

        Raises:
            DataError: the folder holds something else, or faces that were drawn with other options.
        """
        if not raw.is_file():
            draw_once(raw, self.options, lambda folder: write_raw(folder, **self.options))

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every drawn face.

        Raises:
            DataError: `labels.csv` is missing or cannot be read.
        """
        return LabelTable(LABELS, self.info.classes).read(source)
