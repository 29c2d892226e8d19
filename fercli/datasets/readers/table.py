"""Any images or videos that a table names: the way to use data that fercli has no reader for."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from fercli.datasets.readers.dates import require_clear
from fercli.datasets.readers.frames import frame_records
from fercli.datasets.readers.media_names import image_names, video_names
from fercli.datasets.readers.relabel import Relabel, records_last
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.readers.splitting import drawn_rule, split_of
from fercli.datasets.readers.table_cells import OutOfRangeError, further, is_missing, labelled, scored, word
from fercli.datasets.readers.table_columns import COLUMNS, LABELS, as_option, guessed, scores_option
from fercli.datasets.readers.table_paths import OUTSIDE, within
from fercli.datasets.readers.table_rows import find_tables, form_of, split_of_file, table_rows
from fercli.datasets.readers.table_scores import questionnaires
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError, choose, printable
from fercli.records import DataInfo, Embedded, Record, Reject
from fercli.scales import choice_of_column
from fercli.taxonomy import canonical

MOST_NAMES = 12


class LabelTable:
    """Reads a CSV, Excel or Parquet table with a column `image` or `video` and any of the columns of `Record`.

    `image` is a path relative to the table's folder, or to `images/` in it; `video` also to `videos/`. A whole path
    must lie in the folder of the data, or in `root`. In a row with an image, `video` is the name
    of a clip. In a row without an image, `video` is the path of a video file, and its frames share the labels. `votes`,
    `landmarks` and `box` are lists; a CSV has `;` between their numbers. Empty cells and NA, N/A, NaN, null are missing
    values. A row needs at least one label. Without a column `split`, 70 % train, 10 % val and 20 % test are drawn,
    stratified by expression; one subject (else one video) stays in one split.

    Args:
        table: name of the table in the folder or zip; not used where the source is the table itself. A glob such as
            `data/*.parquet` reads several tables: then their names may tell the splits, as Hugging Face writes them.
        columns: names of columns of the table, by the names above, for example `{expression: emotion}`.
        scores: column of each questionnaire by the name of its scale in `conf/scale`, for example
            `{bdi_ii: BDI, phq9: PHQ-9 total}`, where the table has several. A training chooses one of them. A scale of
            one's own has a name and its values: `{gad7: {column: GAD, name: GAD-7, high: 21}}`.
        classes: class names in the order of `votes`. None: the classes that the rows hold; then the table must not have
            a column `votes`.
        relabel: new class names by old ones, for example `{PAIN: pain, unknown: null}`; null leaves the rows out.
        seed: seed of the drawn splits.
        sampling: which frames of videos to take; None takes one of every second.
        root: folder with which whole paths in the table begin, where it is not the folder of the data: what follows it
            is looked for in the folder of the data. For paths of another computer, for example `D:\\study`.
    """

    def __init__(
        self,
        table: str = "labels.csv",
        classes: Sequence[str] | None = None,
        seed: int = 0,
        sampling: FrameSampling | None = None,
        columns: Mapping[str, str] | None = None,
        relabel: Mapping[str, str | None] | None = None,
        root: str | None = None,
        scores: Mapping[str, Any] | None = None,
    ):
        self.sampling = sampling or FrameSampling(frames_per_second=1)
        self.table = table
        self.columns = {name: str(column) for name, column in (columns or {}).items()}
        self.scores, self.scales = questionnaires(scores or {})
        self.named = self.columns | self.scores
        self.classes = tuple(canonical(name) for name in classes) if classes is not None else None
        self.relabel = relabel
        self.root = root
        self.seed = seed
        self.unpacked: TemporaryDirectory[str] | None = None
        for name in self.columns:
            choose("column", name, COLUMNS, " in data.reader.columns")
        if self.scores and "score" in self.columns:
            raise ConfigError("give data.reader.scores, or score in data.reader.columns; found both")
        if self.classes is not None and len(set(self.classes)) != len(self.classes):
            raise ConfigError(f"expected classes that differ; found {', '.join(self.classes)}")

    @property
    def info(self) -> DataInfo:
        """Facts about the data set: its classes are those that were given."""
        of_column = choice_of_column(self.columns.get("score", ""))
        extra: dict[str, Any] = {"column_scale": of_column} if of_column else {}
        extra |= {"questionnaires": self.scales} if self.scales else {}
        return DataInfo("table", "Table", "as the data set's owner says", classes=self.classes, extra=extra)

    def protocol(self, source: Source) -> dict[str, str]:
        """Return whether the splits are given or drawn."""
        tables = find_tables(source, self.table)
        if "split" in self._header(source, tables[0]):
            return {"split_rule": "a column of the table"}
        return {"split_rule": "files of splits" if _has_splits(tables) else drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row of the table, or the sampled frames of its video; then a reject for each file without a row.

        Raises:
            DataError: the table is missing, cannot be read, lacks a column of images, videos or labels, or has votes
                where `classes` is None.
            ConfigError: `relabel` names a class that no row has.
        """
        tables = find_tables(source, self.table)
        relabel = Relabel(self.relabel)
        has_splits = "split" in self._header(source, tables[0]) or _has_splits(tables)
        rows = (
            row
            for table in tables
            for row in self._read(source, table, relabel, split_of_file(table) if _has_splits(tables) else None)
        )
        yield from records_last(rows, relabel, None if has_splits else self.seed)

    def _read(self, source: Source, table: str, relabel: Relabel, split: str | None) -> Iterator[Record | Reject]:
        """Yield the rows of one table, then a reject for each file without a row.

        Args:
            split: that of all rows, where the table has no column of splits.
        """
        folder = posixpath.dirname(table) + "/" if "/" in table else ""
        rows = list(table_rows(source, table, self.named, self._new_file()))
        columns = _columns(rows)
        if rows and not columns & {*LABELS, *self.scores}:
            raise DataError(_no_label_column(source, table, columns, self.named))
        days = (word(row.get("date")) for _, row in rows if row is not None)
        require_clear(filter(None, days), f"column {self.named.get('date', 'date')} of {source.place(table)}")
        if "votes" in columns and self.classes is None:
            raise DataError(f"{table} has votes; name the classes in their order: data.reader.classes=[...]")
        if others := sorted(columns - {*COLUMNS, *self.scores, ""}):
            source.remarks[f"further columns of {table}, kept for groups (--by)"] = self._others(
                source, others, columns
            )
        files = image_names(source, folder) + ([] if "image" in columns else video_names(source, folder))
        roll = Roll(source, files)
        for line, row in rows:
            told = row if row is None or split is None else {"split": split, **row}
            entry = self._entry(told, folder, f"line {line} of {table}", roll, relabel, source)
            yield from [entry] if isinstance(entry, Reject) else self._pictures(source, entry)
        yield from roll.without_row(lambda _: "")

    def understood(self, source: Source) -> dict[str, str]:
        """Return how the table is read: its form, and which column is what."""
        tables = find_tables(source, self.table)
        columns, more = self._header(source, tables[0]), f" and {len(tables) - 1} more" if len(tables) > 1 else ""
        names = [name for name in (*COLUMNS, *self.scores) if name in columns]
        read = [f"{name} from {self.named[name]}" if name in self.named else name for name in names]
        return {"table": f"{source.place(tables[0])}{more}, {form_of(source, tables[0])}", "columns": ", ".join(read)}

    def _header(self, source: Source, table: str) -> set[str]:
        return _columns(table_rows(source, table, self.named))

    def _new_file(self) -> Path:
        """Return a file for the images that a Parquet file holds; it lives as long as the reader."""
        self.unpacked = self.unpacked or TemporaryDirectory(prefix="fercli-")
        return Path(self.unpacked.name) / uuid4().hex

    def _others(self, source: Source, others: Sequence[str], columns: set[str]) -> str:
        more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
        listed = ", ".join(map(printable, others[:MOST_NAMES])) + more
        likely = guessed(sorted(columns - {*self.scores}), source.holds_videos)
        if self.scores:
            likely.pop("score", None)
        mend = f"; if they are meant, add {as_option({**self.columns, **likely}, others)}" if likely else ""
        return listed + mend + self._unread_scores(columns)

    def _unread_scores(self, columns: set[str]) -> str:
        """Return how to read columns that are named after further scales, where one score is read."""
        own = choice_of_column(self.columns.get("score", ""))
        if self.scores or own is None:
            return ""
        free = {scale: name for name in sorted(columns - {*COLUMNS}) if (scale := choice_of_column(name))}
        several = {own: self.columns["score"]} | {scale: name for scale, name in free.items() if scale != own}
        told = f"; for several questionnaires: {scores_option(several)}, in place of score and scale"
        return told if len(several) > 1 else ""

    def _pictures(self, source: Source, record: Record) -> Iterable[Record | Reject]:
        """Return the record itself, or a record for each sampled frame of a video file."""
        return [record] if record.frame is None else frame_records(source, record, self.sampling)

    def _entry(
        self, row: Mapping[str, Any] | None, folder: str, place: str, roll: Roll, relabel: Relabel, source: Source
    ) -> Record | Reject:
        image = None if row is None else row.get("image")
        if row is not None and isinstance(image, Embedded):
            split = split_of(str(row.get("split"))) or ""
            return self._labelled(
                roll.enter(Record(word(row.get("id")) or image.name, split, image)), row, place, relabel
            )
        files = [] if row is None else [name for name in map(word, (image, row.get("video"))) if name]
        if row is None or not files:
            expected = "expected an image or a video, and as many cells as columns"
            return Reject(place, "", "", "malformed row", f"{place}: {expected}")
        file, frame = files[0], 0 if is_missing(row.get("image")) else None
        split = split_of(str(row.get("split"))) or ""
        inner = within(source, file, self.root)
        name = word(row.get("id")) or inner or file
        if inner is None:
            return Reject(name, split, "", OUTSIDE, file)
        beside = f"{folder}{'images' if frame is None else 'videos'}/{inner}"
        paths = [folder + inner, beside, *([] if inner == file else [inner])]
        path = roll.find(*map(posixpath.normpath, paths))
        return self._labelled(roll.enter(Record(name, split, path, frame=frame)), row, place, relabel)

    def _labelled(
        self, entry: Record | Reject, row: Mapping[str, Any], place: str, relabel: Relabel
    ) -> Record | Reject:
        """Return the record of a row with its labels."""
        if isinstance(entry, Reject):
            return entry
        if "split" in row and not entry.split:
            return left_out(entry, "unknown split", str(row["split"]))
        try:
            scores = scored(row, self.scales)
            more = dict(further(row)) | {name: f"{score:g}" for name, score in scores.items()}
            record = replace(labelled(entry, row), more=tuple(sorted(more.items())))
        except OutOfRangeError as error:
            return left_out(entry, "value out of range", f"{place}: {error}")
        except (TypeError, ValueError) as error:
            return left_out(entry, "malformed row", f"{place}: {error}")
        if not scores and all(getattr(record, label) is None for label in LABELS):
            return left_out(record, "no label", place)
        if self.classes is not None and record.votes is not None and len(record.votes) != len(self.classes):
            return left_out(record, "malformed row", f"{place}: expected {len(self.classes)} votes")
        renamed = relabel(record)
        if self.classes is None or isinstance(renamed, Reject) or renamed.expression in (None, *self.classes):
            return renamed
        return left_out(renamed, "unknown label", renamed.expression or "")


def _no_label_column(source: Source, table: str, columns: set[str], named: Mapping[str, str]) -> str:
    """Return the message for a table without a column of labels, with the columns that are most likely meant."""
    likely = guessed(sorted(columns), source.holds_videos)
    there = ", ".join(map(printable, sorted(columns)))
    told = f"expected a column of labels in {source.place(table)}: {', '.join(LABELS)}; found {there}"
    if set(LABELS) & set(likely):
        return f"{told}. Add {as_option({**named, **likely}, sorted(columns))}"
    return f"{told}. If another column holds the labels, add 'data.reader.columns={{expression: <its name>}}'"


def _has_splits(tables: Sequence[str]) -> bool:
    """Whether the names of the tables tell the splits: several do, or one of several."""
    return len(tables) > 1 and any(map(split_of_file, tables))


def _columns(rows: Iterable[tuple[int, Mapping[str, Any] | None]]) -> set[str]:
    return next((set(row) for _, row in rows if row is not None), set())
