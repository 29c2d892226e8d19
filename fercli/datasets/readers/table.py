"""Any images or videos that a table names: the way to use data that fercli has no reader for."""

import math
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.readers.frames import frame_records
from fercli.datasets.readers.numbers import number
from fercli.datasets.readers.relabel import Relabel
from fercli.datasets.readers.rows import (
    Roll,
    image_names,
    left_out,
    named_rows,
    renamed,
    require_columns,
    video_names,
)
from fercli.datasets.readers.splitting import drawn_rule, split_of, with_splits
from fercli.datasets.source import Source, is_inside
from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError, choose, printable
from fercli.fields import NUMBERS, TIME
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import canonical

READ = NUMBERS | {"time": TIME}
MISSING = ("", "na", "n/a", "nan", "null")
LABELS = ("expression", "votes", *NUMBERS)
PEOPLE = ("subject", "session", "age_group", "gender", "race", "role")
COLUMNS = ("id", "image", "video", "split", *LABELS, "landmarks", "box", "time", *PEOPLE)
REQUIRED = ("image or video",)
REMEDY = ". If another column has the paths of the images, add 'data.reader.columns={image: <its name>}'"
MOST_NAMES = 12
WORDS_FOR_EXPRESSION = ("affect", "category", "class", "emotion", "emotions", "label", "labels", "target")


class OutOfRangeError(ValueError):
    """A number outside the range of its column."""


class Table:
    """Reads a CSV or Parquet table with a column `image` or `video` and any of the columns of `Record`.

    `image` is a path relative to the table's folder, or to `images/` in it. In a row with an image, `video` is the name
    of a clip. In a row without an image, `video` is the path of a video file, and its frames share the labels. `votes`,
    `landmarks` and `box` are lists; a CSV has `;` between their numbers. Empty cells and NA, N/A, NaN, null are missing
    values. A row needs at least one label. Without a column `split`, 70 % train, 10 % val and 20 % test are drawn,
    stratified by expression; one subject (else one video) stays in one split.

    Args:
        table: name of the table in the folder or zip; not used where the source is the table itself.
        columns: names of columns of the table, by the names above, for example `{expression: emotion}`.
        classes: class names in the order of `votes`. None: the classes that the rows hold; then the table must not have
            a column `votes`.
        relabel: new class names by old ones, for example `{PAIN: pain, unknown: null}`; null leaves the rows out.
        seed: seed of the drawn splits.
        sampling: which frames of videos to take; None takes one of every second.
    """

    def __init__(
        self,
        table: str = "labels.csv",
        classes: Sequence[str] | None = None,
        seed: int = 0,
        sampling: FrameSampling | None = None,
        columns: Mapping[str, str] | None = None,
        relabel: Mapping[str, str | None] | None = None,
    ):
        self.sampling = sampling or FrameSampling(frames_per_second=1)
        self.table = table
        self.columns = {name: str(column) for name, column in (columns or {}).items()}
        self.classes = tuple(canonical(name) for name in classes) if classes is not None else None
        self.relabel = relabel
        self.seed = seed
        for name in self.columns:
            choose("column", name, COLUMNS, " in data.reader.columns")
        if self.classes is not None and len(set(self.classes)) != len(self.classes):
            raise ConfigError(f"expected classes that differ; found {', '.join(self.classes)}")

    @property
    def info(self) -> DataInfo:
        """Facts about the data set: its classes are those that were given."""
        return DataInfo("table", "Table", "as the data set's owner says", classes=self.classes)

    def protocol(self, source: Source) -> dict[str, str]:
        """Return whether the splits are given or drawn."""
        columns = _columns(table_rows(source, self._file(source), self.columns))
        return {"split_rule": "a column of the table" if "split" in columns else drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row of the table, or the sampled frames of its video; then a reject for each file without a row.

        Raises:
            DataError: the table is missing, cannot be read, lacks a column of images, videos or labels, or has votes
                where `classes` is None.
            ConfigError: `relabel` names a class that no row has.
        """
        table = self._file(source)
        folder = posixpath.dirname(table) + "/" if "/" in table else ""
        rows = list(table_rows(source, table, self.columns))
        columns = _columns(rows)
        if rows and not columns & set(LABELS):
            raise DataError(_no_label_column(source.place(table), columns))
        if "votes" in columns and self.classes is None:
            raise DataError(f"{table} has votes; name the classes in their order: data.reader.classes=[...]")
        if others := sorted(map(printable, columns - {*COLUMNS, ""})):
            more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
            source.remarks[f"columns of {table} that are not read"] = ", ".join(others[:MOST_NAMES]) + more
        files = image_names(source, folder) + ([] if "image" in columns else video_names(source, folder))
        roll, relabel = Roll(source, files), Relabel(self.relabel)
        records: list[Record] = []
        for line, row in rows:
            entry = self._entry(row, folder, f"line {line} of {table}", roll, relabel)
            for item in [entry] if isinstance(entry, Reject) else self._pictures(source, entry):
                if isinstance(item, Reject):
                    yield item
                else:
                    records.append(item)
        relabel.require_found()
        yield from records if "split" in columns else with_splits(records, self.seed)
        yield from roll.without_row(lambda _: "")

    def _file(self, source: Source) -> str:
        if source.is_single:
            return source.names()[0]
        try:
            return source.find(self.table)
        except DataError as error:
            raise DataError(f"{error}. Give the name of your table: data.reader.table=<name>") from None

    def _pictures(self, source: Source, record: Record) -> Iterable[Record | Reject]:
        """Return the record itself, or a record for each sampled frame of a video file."""
        return [record] if record.frame is None else frame_records(source, record, self.sampling)

    def _entry(
        self, row: Mapping[str, Any] | None, folder: str, place: str, roll: Roll, relabel: Relabel
    ) -> Record | Reject:
        files = [] if row is None else [name for name in map(_word, (row.get("image"), row.get("video"))) if name]
        if row is None or not files:
            expected = "expected an image or a video, and as many cells as columns"
            return Reject(place, "", "", "malformed row", f"{place}: {expected}")
        file, frame = files[0], 0 if _is_missing(row.get("image")) else None
        split = split_of(str(row.get("split"))) or ""
        name = _word(row.get("id")) or file
        if not is_inside(file):
            return Reject(name, split, "", "path outside the folder", file)
        paths = [folder + file, *([f"{folder}images/{file}"] if frame is None else [])]
        path = roll.find(*map(posixpath.normpath, paths))
        entry = roll.enter(Record(name, split, path, frame=frame))
        if isinstance(entry, Reject):
            return entry
        if "split" in row and not split:
            return left_out(entry, "unknown split", str(row["split"]))
        try:
            record = _labelled(entry, row)
        except OutOfRangeError as error:
            return left_out(entry, "value out of range", f"{place}: {error}")
        except (TypeError, ValueError) as error:
            return left_out(entry, "malformed row", f"{place}: {error}")
        if all(getattr(record, label) is None for label in LABELS):
            return left_out(record, "no label", place)
        if self.classes is not None and record.votes is not None and len(record.votes) != len(self.classes):
            return left_out(record, "malformed row", f"{place}: expected {len(self.classes)} votes")
        named = relabel(record)
        if self.classes is None or isinstance(named, Reject) or named.expression in (None, *self.classes):
            return named
        return left_out(named, "unknown label", named.expression or "")


def _no_label_column(place: str, columns: set[str]) -> str:
    """Return the message for a table without a column of labels, with the column that is most likely meant."""
    found = sorted(columns - {"image", "video", "split", "id", ""})
    likely = next(
        (name for name in found if name in WORDS_FOR_EXPRESSION or get_close_matches(name, LABELS, n=1)), None
    )
    field = next(iter(get_close_matches(likely or "", LABELS, n=1)), "expression")
    there = ", ".join(map(printable, sorted(columns)))
    told = f"expected a column of labels in {place}: {', '.join(LABELS)}; found {there}"
    example = f"'data.reader.columns={{{field}: {printable(likely or '<its name>')}}}'"
    return f"{told}. If {printable(likely) if likely else 'another column'} holds the labels, add {example}"


def _columns(rows: Iterable[tuple[int, Mapping[str, Any] | None]]) -> set[str]:
    return next((set(row) for _, row in rows if row is not None), set())


def _labelled(record: Record, row: Mapping[str, Any]) -> Record:
    expression = _word(row.get("expression"))
    numbers: dict[str, Any] = {name: _number(name, row) for name in READ}
    votes = _numbers(row.get("votes"))
    landmarks = _numbers(row.get("landmarks"))
    box = _numbers(row.get("box"))
    if votes is not None and (min(votes) < 0 or sum(votes) == 0):
        raise OutOfRangeError(f"expected votes of at least 0 with one above, found {votes}")
    if landmarks is not None and len(landmarks) % 2:
        raise ValueError(f"expected landmarks x;y;x;y;..., found {len(landmarks)} numbers")
    if box is not None and (len(box) != 4 or box[0] >= box[2] or box[1] >= box[3]):
        raise ValueError(f"expected a box left;top;right;bottom, found {box}")
    return replace(
        record,
        expression=canonical(expression) if expression else None,
        votes=votes,
        age_group=_word(row.get("age_group")),
        gender=_word(row.get("gender")),
        race=_word(row.get("race")),
        landmarks=np.array(landmarks).reshape(-1, 2) if landmarks else None,
        box=(box[0], box[1], box[2], box[3]) if box else None,
        subject=_word(row.get("subject")),
        video=_word(row.get("video")),
        session=_word(row.get("session")),
        role=_word(row.get("role")),
        **numbers,
    )


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str | float) and str(cell).strip().lower() in MISSING)


def _word(cell: Any) -> str | None:
    return None if _is_missing(cell) else str(cell)


def _as_number(cell: Any) -> float:
    return number(cell) if isinstance(cell, str) else float(cell)


def _number(name: str, row: Mapping[str, Any]) -> float | None:
    cell: Any = row.get(name)
    if _is_missing(cell):
        return None
    value = _as_number(cell)
    low, high = READ[name].low, READ[name].high
    if not low <= value <= high:
        raise OutOfRangeError(f"expected {name} in [{low:g}, {high:g}], found {str(cell)[:40]}")
    return value


def _numbers(cell: Any) -> tuple[float, ...] | None:
    if _is_missing(cell) or len(cell) == 0:
        return None
    parts = cell.strip("[]() ").split(";") if isinstance(cell, str) else np.ravel(cell)
    values = tuple(map(_as_number, parts))
    if not all(map(math.isfinite, values)):
        raise OutOfRangeError(f"expected finite numbers, found {str(cell)[:40]}")
    return values


def table_rows(
    source: Source, table: str, columns: Mapping[str, str]
) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Yield line number and cells by column, of a CSV or a Parquet table.

    Args:
        columns: names of columns of the table, by the names that they get here.

    Raises:
        DataError: the table cannot be read, or lacks a column.
    """
    if not table.lower().endswith(".parquet"):
        yield from named_rows(source, table, REQUIRED, columns, REMEDY)
        return
    wanted = [*COLUMNS, *(column.strip().lower() for column in columns.values())]
    content = read_apart(source, table, "parquet", wanted)
    header = renamed(content["columns"], columns, source.place(table))
    require_columns(header, REQUIRED, source.place(table), REMEDY)
    old = [name.strip().lower() for name in content["columns"]]
    cells = {new: content["cells"][name] for new, name in zip(header, old, strict=True) if name in content["cells"]}
    others = dict.fromkeys(set(header) - set(cells))
    for line, row in enumerate(zip(*cells.values(), strict=True), start=1):
        yield line, others | dict(zip(cells, row, strict=True))
