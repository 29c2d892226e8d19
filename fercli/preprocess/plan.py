"""The plan of a store, made before the first image is opened: its rows, and those that are left out."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from fercli.catalog import choices
from fercli.datasets.features_only import refuse_features
from fercli.datasets.reader import Reader
from fercli.datasets.readers.roll import left_out
from fercli.datasets.readers.splitting import split_of
from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.errors import ConfigError
from fercli.preprocess.files import Counted, listed_once, unread_files
from fercli.preprocess.pictures import video_of
from fercli.records import SPLITS, Record, Reject
from fercli.scales import BDI_II, OWN, Scale, named
from fercli.taxonomy import class_order

OUT_OF_RANGE = "value out of range"


@dataclass(frozen=True)
class StorePlan:
    """Rows in the order of the store, rows that are left out by their labels alone, and class names in label order.

    Attributes:
        unread: images and videos that neither a row nor a reject names, by suffix.
    """

    records: tuple[Record, ...]
    rejects: tuple[Reject, ...]
    classes: tuple[str, ...]
    source_fingerprint: str
    unread: dict[str, Counted] = field(default_factory=dict)

    def units(self, shard_rows: int) -> list[Sequence[Record]]:
        """Return the rows of each shard: about the same number in each, so that no process waits long.

        A shard has at most `shard_rows` rows, except that it takes all frames of its last video.
        """
        num_shards = -(-len(self.records) // shard_rows)
        ends = (len(self.records) * i // num_shards for i in range(1, num_shards + 1))
        return _cut(self.records, ends)

    @property
    def has_scores(self) -> bool:
        """Whether a row has a severity score."""
        return any(record.score is not None for record in self.records)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over all rows: their labels, and their pixels where the label file holds pixels."""
        digest = hashlib.sha256(json.dumps(self.classes).encode())
        rows: list[Record | Reject] = [*self.records, *self.rejects]
        for row in rows:
            for column in fields(row):
                value = getattr(row, column.name)
                if column.name == "more" and not value:  # without further columns, a store stays the same
                    continue
                if isinstance(value, np.ndarray):
                    digest.update(f"{value.dtype}{value.shape}".encode())
                    digest.update(value.tobytes())
                else:
                    digest.update(f"{value!r}\0".encode())
        return digest.hexdigest()


def parts(records: Sequence[Record], num_rows: int) -> list[Sequence[Record]]:
    """Cut records into pieces of about `num_rows` rows; no video is cut, so that a process decodes it in one pass."""
    return _cut(records, range(num_rows, len(records) + num_rows, num_rows))


def _cut(records: Sequence[Record], ends: Iterable[int]) -> list[Sequence[Record]]:
    """Cut records at each end; an end within a video moves to the end of that video."""
    pieces, start = [], 0
    for wanted in ends:
        end = min(max(wanted, start), len(records))
        while start < end < len(records) and (video := video_of(records[end])) and video == video_of(records[end - 1]):
            end += 1
        if end > start:
            pieces.append(records[start:end])
        start = end
    return pieces


def make_plan(reader: Reader, source: Source, scale: Scale = BDI_II) -> StorePlan:
    """Read all labels; rows that a store cannot hold are left out with a reason.

    Args:
        scale: of the severity scores.

    Raises:
        ConfigError: the scores of this data set are of another scale.
        DataError: the raw data cannot be read, or are features alone.
    """
    _require_scale(reader, scale)
    refuse_features(source)
    records: list[Record] = []
    rejects: list[Reject] = []
    seen: set[str] = set()
    for row in map(_storable, reader.read(source)):
        problem = None if isinstance(row, Reject) else _problem(row, reader.info.classes, seen, scale)
        if isinstance(row, Reject):
            rejects.append(row)
        elif problem:
            rejects.append(left_out(row, *problem))
        else:
            seen.add(row.id)
            records.append(row)
    once = list(listed_once(records))
    rejects += [row for row in once if isinstance(row, Reject)]
    records = [row for row in once if isinstance(row, Record)]
    named = {row.detail for row in rejects}  # a refused file that a row names is already counted with that row
    rejects += [
        Reject(name, split_of(name.partition("/")[0]) or "", "", reason, name)
        for name, reason in map(_printed, source.refused.items())
        if name not in named
    ]
    classes = reader.info.classes or class_order(row.expression for row in records if row.expression is not None)
    fitting = [row for row in records if row.votes is None or len(row.votes) == len(classes)]
    rejects.extend(_wrong_votes(records, len(classes)))
    unread = unread_files(source, fitting, rejects)
    return StorePlan(tuple(fitting), tuple(rejects), classes, source.fingerprint(), unread)


def _require_scale(reader: Reader, scale: Scale) -> None:
    """Refuse a scale that is not that of the data set, or not the one that the column of the scores is named after."""
    info = reader.info
    fixed, column = info.extra.get("scale"), info.extra.get("column_scale")
    if fixed and scale.name != fixed:
        raise ConfigError(
            f"the scores of {info.title} are of the {fixed}, not of the {scale.name}; leave out scale=..."
        )
    known = {choice: named(choice).name for choice in choices("scale") if choice != OWN}
    if column and scale.name in known.values() and scale.name != known[column]:
        raise ConfigError(
            f"the column of the scores is named after the {known[column]}, and the scale is the {scale.name}; add "
            f"scale={column}, or rename the column"
        )


def _storable(row: Record | Reject) -> Record | Reject:
    texts = {f.name: getattr(row, f.name) for f in fields(row) if f.name != "image"}
    changes: dict[str, Any] = {k: storable(v) for k, v in texts.items() if isinstance(v, str) and v != storable(v)}
    if isinstance(row, Record) and row.more:
        changes["more"] = tuple((storable(name), storable(text)) for name, text in row.more)
    return replace(row, **changes) if changes else row


def _printed(refused: tuple[str, str]) -> tuple[str, str]:
    name, reason = refused
    return storable(name), reason


def _problem(row: Record, classes: tuple[str, ...] | None, seen: set[str], scale: Scale) -> tuple[str, str] | None:
    """Return reason and detail if the row cannot go into a store."""
    if row.id in seen:
        return "duplicate id", row.id
    if row.split not in SPLITS:
        return "unknown split", row.split
    if classes is not None and row.expression is not None and row.expression not in classes:
        return "unknown label", row.expression
    if row.score is not None and not scale.low <= row.score <= scale.high:
        return OUT_OF_RANGE, f"expected {scale.range}; found {row.score:g}"
    return None


def _wrong_votes(records: list[Record], num_classes: int) -> Iterator[Reject]:
    for row in records:
        if row.votes is not None and len(row.votes) != num_classes:
            detail = f"{len(row.votes)} votes for {num_classes} classes"
            yield left_out(row, "votes do not fit the classes", detail)
