"""The interface of a reader of a raw data set."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from fercli.datasets.source import Source
from fercli.records import DataInfo, Record, Reject


class Reader(Protocol):
    """Reads the rows of one raw data set."""

    @property
    def info(self) -> DataInfo:
        """What is known of the data set before it is read."""
        ...

    def read(self, source: Source) -> Iterable[Record | Reject]:
        """Yield every row: a record if it is kept, a reject if it is left out."""
        ...


@runtime_checkable
class SaysUnderstood(Protocol):
    """A reader that tells how it read the files, such as which column of a table is what."""

    def understood(self, source: Source) -> dict[str, str]:
        """Return what was understood, by what it is about."""
        ...


@runtime_checkable
class SaysProtocol(Protocol):
    """A reader whose options or files decide a part of the protocol of the numbers, such as how labels are made."""

    def protocol(self, source: Source) -> dict[str, str]:
        """Return fields of `fercli.protocol.Protocol` with their values; values in the data set's yaml replace them."""
        ...
