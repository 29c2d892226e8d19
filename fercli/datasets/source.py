"""A raw data set as the user has it: a folder, a zip, or a single file. All readers read through `Source`."""

import hashlib
import io
import mimetypes
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO

from fercli.datasets.listing import DEBRIS, files_in, wrapper
from fercli.datasets.text import FALLBACK, UNDEFINED_AS_LATIN1, encoding_of
from fercli.errors import DataError, printable, reading

SINGLE_FILES = (".npz", ".csv", ".tsv", ".xlsx", ".parquet")
# Files that hold labels: a change in them must change the fingerprint even where the size stays the same.
LABEL_FILES = (".csv", ".json", ".mat", ".npz", ".parquet", ".tsv", ".txt", ".xlsx")
# Labels and images in a zip unpack to a few times their packed size; a file that unpacks to far more fills the memory.
MOST_RATIO, FREE_BYTES = 100, 64 * 2**20
OUTSIDE = "zip entry outside its folder"


def is_inside(name: str) -> bool:
    """Return whether a relative path stays inside its folder: not absolute, no drive letter, no `..`."""
    parts = name.replace("\\", "/").split("/")
    return bool(name) and parts[0] != "" and ".." not in parts and not re.match(r"[A-Za-z]:", name)


class Source:
    """Read access to a raw data set: a folder, a zip, or a single `.npz`, `.csv` or `.parquet` file.

    Names are relative paths with `/`. A folder that wraps everything is not part of a name. Links in a folder are
    followed; links in a zip are not. Hidden files and files that operating systems leave behind (`__MACOSX`,
    `Thumbs.db`) are not part of the data set. A single file lists only itself, but files beside it can be read: the
    images that a table names. A source can be sent to worker processes.

    Attributes:
        remarks: remarks of readers on files that are odd but readable, by the name of the file.
        tally: number of rows that were not read exactly as written, and an example, by what was read differently.

    Raises:
        DataError: the path is missing, or is not a folder, a zip or one of these files; on first use, if a zip is
            damaged or encrypted.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.remarks: dict[str, str] = {}
        self.tally: dict[str, tuple[int, str]] = {}
        self._opened: tuple[int, zipfile.ZipFile] | None = None
        if not self.path.exists():
            raise DataError(f"expected raw data in {self._path}; found nothing there. Check the path given as raw=")
        self.is_single = self.path.is_file() and self.path.suffix.lower() in SINGLE_FILES
        self.is_zip = self.path.is_file() and not self.is_single
        if self.is_zip and self.path.suffix.lower() != ".zip" and not zipfile.is_zipfile(self.path):
            raise DataError(
                f"expected a folder, a zip or a single {', '.join(SINGLE_FILES)} file; found {self._path}. "
                "Unpack other archives and give the folder."
            )

    def __reduce__(self) -> tuple[type["Source"], tuple[Path]]:
        return Source, (self.path,)

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the zip; the next read opens it again."""
        if self._opened:
            self._opened[1].close()
            self._opened = None

    def count(self, what: str, example: str) -> None:
        """Count a row that was not read exactly as it is written; see `tally`."""
        number, first = self.tally.get(what, (0, example))
        self.tally[what] = (number + 1, first)

    @property
    def _path(self) -> str:
        """The path for messages."""
        return printable(str(self.path))

    @property
    def _zip(self) -> zipfile.ZipFile:
        # A forked process must not share the file position with its parent process.
        if self._opened and self._opened[0] == os.getpid():
            return self._opened[1]
        with reading(self.path, "a zip", remedy="download or copy it again"):
            archive = zipfile.ZipFile(self.path)
        if any(info.flag_bits & 1 for info in archive.infolist()):
            archive.close()
            raise DataError(f"{self._path} is encrypted; unpack it with its password and give the folder")
        self._opened = (os.getpid(), archive)
        return archive

    @cached_property
    def _zip_entries(self) -> tuple[dict[str, zipfile.ZipInfo], dict[str, str]]:
        safe, unsafe = {}, {}
        for info in self._zip.infolist():
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            if is_link or not is_inside(info.filename):
                unsafe[info.filename] = OUTSIDE
            elif not info.is_dir():
                name = os.path.normpath(info.filename.replace("\\", "/"))
                if not DEBRIS.search(name):
                    safe[name] = info
        return safe, unsafe

    @cached_property
    def _files(self) -> tuple[dict[str, int], dict[str, str]]:
        """Size in bytes of every file, and why other files are refused; both by full name."""
        if self.is_single:
            return {self.path.name: self.path.stat().st_size}, {}
        if self.is_zip:
            safe, unsafe = self._zip_entries
            return {name: info.file_size for name, info in sorted(safe.items())}, unsafe
        return files_in(str(self.path))

    @cached_property
    def prefix(self) -> str:
        """The folders that wrap everything, with a `/` at the end, as in `archive/`; they are not part of names."""
        return "" if self.is_single else wrapper(self._files[0])

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """Size in bytes of every file, sorted by name."""
        return {name.removeprefix(self.prefix): size for name, size in self._files[0].items()}

    @cached_property
    def holds_videos(self) -> bool:
        """Whether it has videos and no images, by the names of the files."""
        kinds = {(mimetypes.guess_type(name)[0] or "").partition("/")[0] for name in self._sizes}
        return "video" in kinds and "image" not in kinds

    @property
    def refused(self) -> dict[str, str]:
        """Why a file is never read, by name: a zip entry that points outside or is a link, or a broken link."""
        return {name.removeprefix(self.prefix): reason for name, reason in self._files[1].items()}

    def names(self, pattern: str = "**/*") -> list[str]:
        """Return sorted names that match a glob: `*` stays within one folder, `**/` is any number of folders."""
        matches = re.compile(_glob(pattern), re.DOTALL).fullmatch  # DOTALL: a name may hold a line end
        return [name for name in self._sizes if matches(name)]

    def exists(self, name: str) -> bool:
        """Return whether the data set holds a file of this name."""
        if self.is_single:
            return is_inside(name) and (self.path.parent / name).is_file()
        return name in self._sizes

    def size(self, name: str) -> int:
        """Return the size of a file in bytes, unpacked."""
        return (self.path.parent / name).stat().st_size if self.is_single else self._sizes[name]

    def open(self, name: str) -> IO[bytes]:
        """Open a file as a binary stream. Reading it may raise the library's own errors: see `fercli.errors.reading`.

        Raises:
            DataError: the file is missing, cannot be opened, or unpacks to far more than its packed size.
        """
        if not self.exists(name):
            raise DataError(f"expected {self.place(name)}; found {self._found()}")
        with self._reading(name):
            if self.is_zip:
                info = self._zip_entries[0][self.prefix + name]
                check_ratio(self.place(name), info.compress_size, info.file_size)
                return self._zip.open(info)
            return open((self.path.parent if self.is_single else self.path) / (self.prefix + name), "rb")

    def place(self, name: str) -> str:
        """Return a file's name and where it lies, for messages."""
        return f"{printable(name)} in {self._path}"

    def _reading(self, name: str) -> AbstractContextManager[None]:
        return reading(self.place(name), "a file that can be read", remedy="unpack or copy it again")

    def read(self, name: str) -> bytes:
        """Read the bytes of a file.

        Raises:
            DataError: as in `open`, or the file cannot be read.
        """
        with self._reading(name), self.open(name) as stream:
            return stream.read(self.size(name) + 1)  # without a limit, a zip entry may unpack to any size

    @contextmanager
    def on_disk(self, name: str) -> Iterator[Path]:
        """Give the path of a file, for libraries that cannot read streams; for a zip, the path of a temporary copy.

        Raises:
            DataError: as in `read`.
        """
        with self.open(name) as stream:
            if not self.is_zip:
                yield Path(stream.name)
                return
            with NamedTemporaryFile(prefix="fercli-", suffix=Path(name).suffix) as copy:
                with self._reading(name):
                    shutil.copyfileobj(stream, copy, 2**20)
                copy.flush()
                yield Path(copy.name)

    def stream(self, name: str) -> IO[str]:
        """Open a file as a text stream: UTF-8, UTF-16, or else Windows-1252 with a remark; line ends are not changed.

        Raises:
            DataError: as in `read`.
        """
        encoding = self._encoding(name)
        return io.TextIOWrapper(self.open(name), encoding, errors=UNDEFINED_AS_LATIN1, newline="")

    def _encoding(self, name: str) -> str:
        with self._reading(name), self.open(name) as stream:
            encoding, line = encoding_of(stream)
        if encoding == FALLBACK:
            self.remarks[name] = f"no UTF-8 from line {line} on; read as Windows-1252"
        return encoding

    def text(self, name: str) -> str:
        """Read the text of a file, decoded as in `stream`.

        Raises:
            DataError: as in `read`.
        """
        content, encoding = self.read(name), self._encoding(name)
        with self._reading(name):
            return content.decode(encoding, UNDEFINED_AS_LATIN1)

    def lines(self, name: str) -> list[str]:
        """Read the lines of a text. Only line ends separate lines, not the other characters of `str.splitlines`.

        Raises:
            DataError: as in `read`.
        """
        return self.text(name).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")

    def find(self, *candidates: str) -> str:
        """Return the first of the candidates that exists.

        Raises:
            DataError: none exists; the message says what was expected and what the top level holds.
        """
        for name in candidates:
            for within in (name, name.removeprefix(self.prefix)):
                if self.exists(within):
                    return within
        raise DataError(f"expected {printable(' or '.join(candidates))} in {self._path}; found {self._found()}")

    def fingerprint(self) -> str:
        """Return the sha256 of names, sizes, checksums in a zip and content of label files; the path does not count."""
        digest = hashlib.sha256()
        for name, size in self._sizes.items():
            if self.is_zip:
                content = f"{self._zip_entries[0][self.prefix + name].CRC:08x}"
            elif name.lower().endswith(LABEL_FILES):
                with self.open(name) as stream:
                    content = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            else:
                content = ""
            digest.update(f"{name}\0{size}\0{content}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _found(self, most: int = 12) -> str:
        tops = sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in self._sizes})
        more = f" and {len(tops) - most} more" if len(tops) > most else ""
        return printable(", ".join(tops[:most])) + more or "nothing"


def check_ratio(place: str, packed: int, unpacked: int) -> None:
    """Refuse a file that unpacks to far more than its packed size, before it is unpacked.

    Raises:
        DataError: it unpacks to more than 64 MiB and to more than a hundred times the packed bytes.
    """
    if unpacked > max(FREE_BYTES, MOST_RATIO * packed):
        raise DataError(
            f"{place} has {packed:,} bytes and says that it unpacks to {unpacked:,}, more than {MOST_RATIO} times as "
            "many; if that is right, unpack it and give the folder, or save it without compression"
        )


def _glob(pattern: str) -> str:
    """Return a glob as a regular expression for `fullmatch`."""
    return re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
