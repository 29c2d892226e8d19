"""The settings of one preprocessing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fercli.datasets.reader import Reader
from fercli.errors import ConfigError
from fercli.preprocess.work import Work
from fercli.scales import BDI_II, Scale

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """The settings of one preprocessing.

    Attributes:
        name: short name of the data set, as in `data=<name>`.
        options: everything that decides the content of the store. They are recorded in the store, and compared when
            preprocessing continues.
        protocol: fields of the protocol in the data set's yaml; a value of None leaves the field to the reader.
        shard_rows: most rows of one shard. If preprocessing is killed, unfinished shards are lost. A video is never
            divided between shards, so a shard may have more rows.
        groups: columns by which every evaluation is divided, as `fercli eval --by` takes them; None names none.
        scale: of the severity scores; a score outside of its range is left out. It is recorded where rows have scores.
        num_workers: number of worker processes; 0 works in this process. The store is the same for any number.
        progress: function that gets the number of rows done and the number of all rows.

    Raises:
        ConfigError: `shard_rows` below 1, or `num_workers` below 0.
    """

    name: str
    reader: Reader
    work: Work
    options: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None
    scale: Scale = BDI_II
    shard_rows: int = 1024
    num_workers: int = 0
    progress: Progress = lambda done, total: None

    def __post_init__(self) -> None:
        for name, least in (("shard_rows", 1), ("num_workers", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise ConfigError(f"expected {name} as a whole number, at least {least}; found {value}")
