"""What the readers share: rows of label files, and keeping label rows and image files in step."""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import Record, Reject

Suffixes = tuple[str, ...]
# Of images that nothing here decodes: they are found with the others, and left out with a reason.
UNDECODED_SUFFIXES: Suffixes = (".arw", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".hif", ".jxl", ".nef", ".orf")
UNDECODED_SUFFIXES += (".psd", ".raf", ".rw2", ".svg")
IMAGE_SUFFIXES: Suffixes = (".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg")
IMAGE_SUFFIXES += (".jpx", ".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".tif")
IMAGE_SUFFIXES += (".tiff", ".webp", *UNDECODED_SUFFIXES)
VIDEO_SUFFIXES: Suffixes = (".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg")
VIDEO_SUFFIXES += (".mts", ".ogv", ".vob", ".webm", ".wmv")


def image_names(source: Source, folder: str = "") -> list[str]:
    """Sorted names of the image files in a folder of the source, subfolders included."""
    names = (name for name in source.names() if name.startswith(folder))
    return [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]


def video_names(source: Source, folder: str = "") -> list[str]:
    """Sorted names of the video files in a folder of the source, subfolders included."""
    return [name for name in source.names() if name.startswith(folder) and is_video(name)]


def is_video(name: str) -> bool:
    """Whether a file is a video by its name."""
    return name.lower().endswith(VIDEO_SUFFIXES)


def csv_rows(source: Source, name: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row of a CSV that is not blank; cells come stripped.

    Raises:
        DataError: the file is missing, damaged, or not UTF-8.
    """
    with io.TextIOWrapper(source.open(name), encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, skipinitialspace=True)
        try:
            for row in reader:
                if row:
                    yield reader.line_num, [cell.strip() for cell in row]
        except (csv.Error, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            place = f"line {reader.line_num + 1} of {name} in {source.path}"
            raise DataError(f"{place} cannot be read ({error}); expected a CSV in UTF-8") from None


def named_rows(source: Source, name: str, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Line number and cells by column, for a CSV with a header; None for a row with too few or too many cells.

    Column names are compared in lower case, without spaces around them.

    Args:
        required: columns that must be there; `image or video` where one of two must.

    Raises:
        DataError: as `csv_rows`, or a required column is missing.
    """
    rows = csv_rows(source, name)
    header = [column.lower() for column in next(rows, (0, []))[1]]
    if missing := [column for column in required if not set(column.split(" or ")) & set(header)]:
        found = ", ".join(header) or "an empty file"
        raise DataError(f"expected the columns {', '.join(missing)} in {name} of {source.path}; found {found}")
    for line, cells in rows:
        yield line, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None


class Roll:
    """Keeps label rows and image files in step: each row names one image, and each image has its row.

    Args:
        images: the image or video files that should have a row.
    """

    def __init__(self, source: Source, images: Iterable[str] = ()):
        self.source = source
        self.unnamed = dict.fromkeys(images)
        self.ids: set[str] = set()

    def enter(self, record: Record) -> Record | Reject:
        """The record, or why it is left out: its id came before, or its image file does not exist."""
        self.strike(record)
        if record.id in self.ids:
            return left_out(record, "duplicate id")
        self.ids.add(record.id)
        if isinstance(record.image, str) and not self.source.exists(record.image):
            return left_out(record, f"{_kind(record.image)} file missing", record.image)
        return record

    def strike(self, record: Record) -> None:
        """Note that the image of a record has a row, also one that is left out."""
        if isinstance(record.image, str):
            self.unnamed.pop(record.image, None)

    def without_row(self, split: Callable[[str], str]) -> Iterator[Reject]:
        """A reject for each image that no row has named; `split` tells the split from the image's name."""
        for image in self.unnamed:
            yield Reject(image, split(image), "", f"{_kind(image)} without label row")


def _kind(name: str) -> str:
    return "video" if is_video(name) else "image"


def left_out(record: Record, reason: str, detail: str = "") -> Reject:
    """The reject that stands for a record."""
    file = storable(record.image) if isinstance(record.image, str) else ""
    return Reject(record.id, record.split, record.expression or "", reason, storable(detail), file)
