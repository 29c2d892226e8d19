"""Files compared with rows: files without a row, files that are listed twice, and repeated images."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from fercli.datasets.readers.media_names import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fercli.datasets.readers.roll import left_out
from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.records import SPLITS, Record, Reject


@dataclass
class Counted:
    """A number of things, and one of them as an example."""

    number: int
    example: str


def unread_files(source: Source, records: Iterable[Record], rejects: Iterable[Reject]) -> dict[str, Counted]:
    """Count, by suffix in lower case, the images and videos of a source that neither a row nor a reject names."""
    named = {storable(record.image) for record in records if isinstance(record.image, str)}
    named.update(reject.file or reject.id for reject in rejects)
    counts: dict[str, Counted] = {}
    for name in map(storable, source.names()):
        if name.lower().endswith((*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)) and name not in named:
            counts.setdefault(PurePosixPath(name).suffix.lower(), Counted(0, name)).number += 1
    return dict(sorted(counts.items()))


def listed_once(records: Sequence[Record]) -> Iterator[Record | Reject]:
    """Yield the records, and a reject in place of a record that repeats a file with the same labels.

    If a file is listed in several splits, the row of the last split is kept: so no test row is a training row, too.
    """
    files = Counter((r.image, r.frame) for r in records if isinstance(r.image, str))
    kept: dict[Any, int] = {}
    for place, record in enumerate(records):
        if isinstance(record.image, str) and files[record.image, record.frame] > 1:
            before = kept.setdefault(_content(record), place)
            if SPLITS.index(record.split) > SPLITS.index(records[before].split):
                kept[_content(record)] = place
    for place, record in enumerate(records):
        first = kept.get(_content(record), place) if kept else place
        yield record if first == place else left_out(record, "file listed twice", f"kept as {records[first].id}")


def repeated_images(pairs: pa.Table) -> dict[tuple[str, str], Counted]:
    """Count, by pairs of splits, the rows whose pixels are equal to those of another row.

    Within one split, rows after the first row of each image are counted. For two splits, rows of the second split are
    counted whose image is also in the first split.

    Args:
        pairs: as `fercli.datasets.equal_images.equal_pairs` gives them.
    """
    rows_of_images: dict[str, list[tuple[str, str]]] = {}
    for pair in pairs.to_pylist():
        rows = rows_of_images.setdefault(pair["id"], [(pair["split"], pair["id"])])
        rows.append((pair["twin_split"], pair["twin"]))
    counts: dict[tuple[str, str], Counted] = {}
    for rows in rows_of_images.values():
        by_split = {s: names for s in SPLITS if (names := [name for split, name in rows if split == s])}
        for one, names in by_split.items():
            for other, others in by_split.items():
                if SPLITS.index(other) < SPLITS.index(one) or names[0] == others[-1]:
                    continue
                found = counts.setdefault((one, other), Counted(0, f"{names[0]} and {others[-1]}"))
                found.number += len(others) - (one == other)
    return dict(sorted(counts.items(), key=lambda item: [SPLITS.index(split) for split in item[0]]))


def _content(record: Record) -> tuple[Any, ...]:
    """Return all fields of a record except its id and its split."""
    values = (getattr(record, field.name) for field in fields(record) if field.name not in ("id", "split"))
    return tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in values)
