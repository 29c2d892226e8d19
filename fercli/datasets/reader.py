"""What a reader of a raw data set is."""

from collections.abc import Iterable
from typing import Protocol

from fercli.datasets.source import Source
from fercli.records import DataInfo, Record, Reject


class Reader(Protocol):
    """Reads the rows of one raw data set."""

    @property
    def info(self) -> DataInfo:
        """What is known of the data set before it is read."""
        ...

    def read(self, source: Source) -> Iterable[Record | Reject]:
        """Every row: kept or left out."""
        ...
