"""Any images or videos that a table names: the way to use data that fercli has no reader for."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fercli.datasets.readers.frames import frame_records
from fercli.datasets.readers.relabel import Relabel
from fercli.datasets.readers.rows import Roll, image_names, left_out, video_names
from fercli.datasets.readers.splitting import drawn_rule, split_of, with_splits
from fercli.datasets.readers.table_cells import OutOfRangeError, is_missing, labelled, word
from fercli.datasets.readers.table_columns import COLUMNS, LABELS, as_option, guessed
from fercli.datasets.readers.table_paths import OUTSIDE, within
from fercli.datasets.readers.table_rows import find_table, form_of, table_rows
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError, choose, printable
from fercli.records import DataInfo, Record, Reject
from fercli.scales import choice_of_column
from fercli.taxonomy import canonical

MOST_NAMES = 12


class Table:
    """Reads a CSV, Excel or Parquet table with a column `image` or `video` and any of the columns of `Record`.

    `image` is a path relative to the table's folder, or to `images/` in it; `video` also to `videos/`. A whole path
    must lie in the folder of the data, or in `root`. In a row with an image, `video` is the name
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
    ):
        self.sampling = sampling or FrameSampling(frames_per_second=1)
        self.table = table
        self.columns = {name: str(column) for name, column in (columns or {}).items()}
        self.classes = tuple(canonical(name) for name in classes) if classes is not None else None
        self.relabel = relabel
        self.root = root
        self.seed = seed
        for name in self.columns:
            choose("column", name, COLUMNS, " in data.reader.columns")
        if self.classes is not None and len(set(self.classes)) != len(self.classes):
            raise ConfigError(f"expected classes that differ; found {', '.join(self.classes)}")

    @property
    def info(self) -> DataInfo:
        """Facts about the data set: its classes are those that were given."""
        named = choice_of_column(self.columns.get("score", ""))
        extra = {"column_scale": named} if named else {}
        return DataInfo("table", "Table", "as the data set's owner says", classes=self.classes, extra=extra)

    def protocol(self, source: Source) -> dict[str, str]:
        """Return whether the splits are given or drawn."""
        columns = _columns(table_rows(source, find_table(source, self.table), self.columns))
        return {"split_rule": "a column of the table" if "split" in columns else drawn_rule(self.seed)}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every row of the table, or the sampled frames of its video; then a reject for each file without a row.

        Raises:
            DataError: the table is missing, cannot be read, lacks a column of images, videos or labels, or has votes
                where `classes` is None.
            ConfigError: `relabel` names a class that no row has.
        """
        table = find_table(source, self.table)
        folder = posixpath.dirname(table) + "/" if "/" in table else ""
        rows = list(table_rows(source, table, self.columns))
        columns = _columns(rows)
        if rows and not columns & set(LABELS):
            raise DataError(_no_label_column(source, table, columns, self.columns))
        if "votes" in columns and self.classes is None:
            raise DataError(f"{table} has votes; name the classes in their order: data.reader.classes=[...]")
        if others := sorted(columns - {*COLUMNS, ""}):
            source.remarks[f"columns of {table} that are not read"] = self._not_read(source, others, columns)
        files = image_names(source, folder) + ([] if "image" in columns else video_names(source, folder))
        roll, relabel = Roll(source, files), Relabel(self.relabel)
        records: list[Record] = []
        for line, row in rows:
            entry = self._entry(row, folder, f"line {line} of {table}", roll, relabel, source)
            for item in [entry] if isinstance(entry, Reject) else self._pictures(source, entry):
                if isinstance(item, Reject):
                    yield item
                else:
                    records.append(item)
        relabel.require_found()
        yield from records if "split" in columns else with_splits(records, self.seed)
        yield from roll.without_row(lambda _: "")

    def understood(self, source: Source) -> dict[str, str]:
        """Return how the table is read: its form, and which column is what."""
        table = find_table(source, self.table)
        columns = _columns(table_rows(source, table, self.columns))
        read = [
            f"{name} from {self.columns[name]}" if name in self.columns else name for name in COLUMNS if name in columns
        ]
        return {"table": f"{source.place(table)}, {form_of(source, table)}", "columns": ", ".join(read)}

    def _not_read(self, source: Source, others: Sequence[str], columns: set[str]) -> str:
        more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
        listed = ", ".join(map(printable, others[:MOST_NAMES])) + more
        likely = guessed(sorted(columns), source.holds_videos)
        mend = f"; if they are meant, add {as_option({**self.columns, **likely})}" if likely else ""
        scales = [name for name in others if choice_of_column(name) and name not in likely.values()]
        another = f"; a store holds one score: for {printable(scales[0])} make another store" if scales else ""
        return listed + mend + another

    def _pictures(self, source: Source, record: Record) -> Iterable[Record | Reject]:
        """Return the record itself, or a record for each sampled frame of a video file."""
        return [record] if record.frame is None else frame_records(source, record, self.sampling)

    def _entry(
        self, row: Mapping[str, Any] | None, folder: str, place: str, roll: Roll, relabel: Relabel, source: Source
    ) -> Record | Reject:
        files = [] if row is None else [name for name in map(word, (row.get("image"), row.get("video"))) if name]
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
        entry = roll.enter(Record(name, split, path, frame=frame))
        if isinstance(entry, Reject):
            return entry
        if "split" in row and not split:
            return left_out(entry, "unknown split", str(row["split"]))
        try:
            record = labelled(entry, row)
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


def _no_label_column(source: Source, table: str, columns: set[str], named: Mapping[str, str]) -> str:
    """Return the message for a table without a column of labels, with the columns that are most likely meant."""
    likely = guessed(sorted(columns), source.holds_videos)
    there = ", ".join(map(printable, sorted(columns)))
    told = f"expected a column of labels in {source.place(table)}: {', '.join(LABELS)}; found {there}"
    if set(LABELS) & set(likely):
        return f"{told}. Add {as_option({**named, **likely})}"
    return f"{told}. If another column holds the labels, add 'data.reader.columns={{expression: <its name>}}'"


def _columns(rows: Iterable[tuple[int, Mapping[str, Any] | None]]) -> set[str]:
    return next((set(row) for _, row in rows if row is not None), set())
