"""Other names for classes, and classes to leave out, without editing the data by hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from fercli.datasets.readers.roll import left_out
from fercli.datasets.readers.splitting import with_splits
from fercli.errors import ConfigError, nearest, printable
from fercli.records import Record, Reject
from fercli.taxonomy import canonical


class Relabel:
    """Gives the rows of a class another class, or leaves them out.

    Args:
        names: new names by old ones, for example `{PAIN: pain, unknown: null}`. Old names are written as `preprocess`
            prints them; null leaves the rows out, and they are counted.
    """

    def __init__(self, names: Mapping[str, str | None] | None):
        self.names = {
            canonical(str(old)): new if new is None else canonical(str(new)) for old, new in (names or {}).items()
        }
        self.found: set[str] = set()

    def __call__(self, record: Record) -> Record | Reject:
        """Return the record with the new name of its class, or a reject if the class is left out."""
        if record.expression is None:
            return record
        self.found.add(record.expression)
        new = self.names.get(record.expression, record.expression)
        return left_out(record, "class left out", record.expression) if new is None else replace(record, expression=new)

    def require_found(self) -> None:
        """Make sure that every old name was found in the data; a typing error would leave rows as they are.

        Raises:
            ConfigError: an old name was not found.
        """
        for old in self.names:
            if old not in self.found:
                raise ConfigError(
                    f"data.reader.relabel names the class {printable(old)}, which no row has; "
                    f"{nearest(old, [printable(name) for name in sorted(self.found)])}"
                )


def records_last(rows: Iterable[Record | Reject], relabel: Relabel, seed: int | None) -> Iterator[Record | Reject]:
    """Yield each reject at once, and the records when all are known, because a draw of splits needs all of them.

    Args:
        relabel: that the rows went through.
        seed: of the draw; None: the records have their splits.

    Raises:
        ConfigError: the relabelling names a class that no row has.
    """
    records = []
    for row in rows:
        if isinstance(row, Reject):
            yield row
        else:
            records.append(row)
    relabel.require_found()
    yield from records if seed is None else with_splits(records, seed)
