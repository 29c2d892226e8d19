"""The table that `fercli predict` writes row by row, and the folder that one process holds at a time."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fercli.datasets.file_names import short_name
from fercli.datasets.readers.media_names import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from fercli.errors import DataError
from fercli.files import locked
from fercli.spreadsheet import SpreadsheetWriter

ROWS_AT_A_TIME = 1024
TEXTS = ("source", "person", "emotion", "severity")
WHOLE_NUMBERS = ("frame", "face")


class TableWriter:
    """Write rows to a Parquet file and a CSV file as they come, so that a table may be larger than the memory.

    Args:
        folder: gets `predictions.parquet` and `predictions.csv`.
        columns: their names; a value that a row lacks is empty.
    """

    def __init__(self, folder: Path, columns: Sequence[str]):
        self.columns = tuple(columns)
        self.schema = pa.schema([(name, _kind(name)) for name in self.columns])
        self.parquet, self.csv = folder / "predictions.parquet", folder / "predictions.csv"
        self.waiting: list[dict[str, Any]] = []
        self.num_rows = 0

    def __enter__(self) -> "TableWriter":
        self._file = open(_beside(self.parquet), "wb")  # pyarrow takes no name that is not UTF-8
        self._parquet = pq.ParquetWriter(self._file, self.schema)
        self._stream = open(_beside(self.csv), "w", newline="", encoding="utf-8")
        self._csv = SpreadsheetWriter(self._stream, self.columns)
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Append one row."""
        self.waiting.append({name: row.get(name) for name in self.columns})
        self.num_rows += 1
        if len(self.waiting) == ROWS_AT_A_TIME:
            self._write()

    def _write(self) -> None:
        self._parquet.write_table(pa.Table.from_pylist(self.waiting, schema=self.schema))
        self._csv.write(self.waiting)
        self.waiting.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.waiting:  # rows that are done are kept, even after an error
            self._write()
        self._parquet.close()
        self._file.close()
        self._stream.close()
        for file in (self.parquet, self.csv):
            _beside(file).replace(file)


def output_file(folder: Path, source: str, ending: str) -> Path:
    """Return the file of a source in a folder, with a name that every file system accepts.

    Two sources always have two files, even if only their suffixes differ: `a.mp4` belongs to the video `a.mp4` alone.
    """
    *above, name = PurePosixPath(source).parts
    stem, _, kind = name.rpartition(".")
    is_kept = f".{kind}" == ending == ".mp4" and not stem.lower().endswith((*IMAGE_SUFFIXES, *VIDEO_SUFFIXES))
    return folder.joinpath(*map(short_name, above), short_name(stem if is_kept else name, ending))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make a folder and lock it, so that the results of two processes never mix.

    Raises:
        DataError: the path is no folder, or another process holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"expected a folder for the results, found a file: {folder}; give another --out") from None
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / ".lock"))
        except BlockingIOError:
            raise DataError(f"another fercli predict writes to {folder}; wait for it, or give another --out") from None
        yield


def _beside(path: Path) -> Path:
    """Return the path of an unfinished file."""
    return path.with_name(f".unfinished-{path.name}")


def _kind(name: str) -> pa.DataType:
    if name in TEXTS or name.endswith("predicted"):  # `predicted`, `run2_predicted`
        return pa.string()
    if name == "face_found" or name.endswith("_alert"):
        return pa.bool_()
    return pa.int64() if name in WHOLE_NUMBERS else pa.float64()
