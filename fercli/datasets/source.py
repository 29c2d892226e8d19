"""A raw data set as the user has it: a folder, a zip, or a single file. All readers read through this."""

import hashlib
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO

from fercli.errors import DataError

SINGLE_FILES = (".npz", ".csv", ".parquet")
# Files that hold labels: a change in them must change the fingerprint even where the size stays the same.
LABEL_FILES = (".csv", ".json", ".mat", ".npz", ".parquet", ".tsv", ".txt")
# What operating systems and editors leave beside the data.
DEBRIS = re.compile(r"(^|/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(/|$)")
# A zip of one split only is not a zip with a wrapping folder.
SPLIT_FOLDER = re.compile(r"(fer2013)?(train(ing)?|val(id(ation)?)?|test(ing)?)", re.IGNORECASE)


def is_inside(name: str) -> bool:
    """Whether a relative path stays inside its folder: not absolute, no drive letter, no `..`."""
    parts = name.replace("\\", "/").split("/")
    return bool(name) and parts[0] != "" and ".." not in parts and not re.match(r"[A-Za-z]:", name)


class Source:
    """Read access to a raw data set: a folder, a zip, or a single `.npz`, `.csv` or `.parquet` file.

    Names are relative paths with `/`. In a zip whose entries all lie in one folder, that folder is left off. Hidden
    files and what operating systems leave behind (`__MACOSX`, `Thumbs.db`) are no part of the data set. A single file
    lists only itself, yet reads what lies beside it: the images that a table names. Can be sent to worker processes.

    Raises:
        DataError: the path is missing, or no folder, zip or such file; a zip is damaged or encrypted.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.remarks: dict[str, str] = {}  # of readers: what is odd about a file that is read all the same
        self._opened: tuple[int, zipfile.ZipFile] | None = None
        if not self.path.exists():
            raise DataError(f"expected raw data in {self.path}; found nothing there. Check the path given as raw=")
        self.is_single = self.path.is_file() and self.path.suffix.lower() in SINGLE_FILES
        self.is_zip = self.path.is_file() and not self.is_single
        if self.is_zip and self.path.suffix.lower() != ".zip" and not zipfile.is_zipfile(self.path):
            raise DataError(
                f"expected a folder, a zip or a single {', '.join(SINGLE_FILES)} file; found {self.path}. "
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

    @property
    def _zip(self) -> zipfile.ZipFile:
        # A forked process must not share the file position with its parent.
        if self._opened and self._opened[0] == os.getpid():
            return self._opened[1]
        try:
            archive = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError) as error:
            raise DataError(f"{self.path} cannot be read as a zip ({error}); download or copy it again") from None
        if any(info.flag_bits & 1 for info in archive.infolist()):
            archive.close()
            raise DataError(f"{self.path} is encrypted; unpack it with its password and give the folder")
        self._opened = (os.getpid(), archive)
        return archive

    @cached_property
    def _zip_entries(self) -> tuple[dict[str, zipfile.ZipInfo], list[str]]:
        safe, unsafe = {}, []
        for info in self._zip.infolist():
            is_link = stat.S_ISLNK(info.external_attr >> 16)
            if is_link or not is_inside(info.filename):
                unsafe.append(info.filename)
            elif not info.is_dir():
                name = os.path.normpath(info.filename.replace("\\", "/"))
                if not DEBRIS.search(name):
                    safe[name] = info
        top = next(iter(safe), "").partition("/")[0]
        if safe and all(name.startswith(top + "/") for name in safe) and not SPLIT_FOLDER.fullmatch(top):
            safe = {name.partition("/")[2]: info for name, info in safe.items()}
        return safe, unsafe

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """Name and size in bytes of every file, sorted by name."""
        if self.is_single:
            return {self.path.name: self.path.stat().st_size}
        if self.is_zip:
            return {name: info.file_size for name, info in sorted(self._zip_entries[0].items())}
        sizes, visited = {}, set()
        for folder, folders, files in os.walk(self.path, onerror=_refuse, followlinks=True):
            real = os.path.realpath(folder)
            if real in visited:  # a link back to a folder above
                folders.clear()
                continue
            visited.add(real)
            folders[:] = sorted(name for name in folders if not DEBRIS.search(name))
            for file in files:
                full = os.path.join(folder, file)
                name = os.path.relpath(full, self.path).replace(os.sep, "/")
                if not DEBRIS.search(name) and os.path.isfile(full):
                    sizes[name] = os.path.getsize(full)
        return dict(sorted(sizes.items()))

    @property
    def unsafe(self) -> list[str]:
        """Zip entries that point outside (absolute, `..`, drive letter) or are links; they are never read."""
        return list(self._zip_entries[1]) if self.is_zip else []

    def names(self, pattern: str = "**/*") -> list[str]:
        """Sorted names that match a glob: `*` stays within one folder, `**/` is any number of folders."""
        matches = re.compile(_glob(pattern)).fullmatch
        return [name for name in self._sizes if matches(name)]

    def exists(self, name: str) -> bool:
        """Whether the data set holds a file of this name."""
        if self.is_single:
            return is_inside(name) and (self.path.parent / name).is_file()
        return name in self._sizes

    def open(self, name: str) -> IO[bytes]:
        """The file as a binary stream.

        Raises:
            DataError: no such file, or it cannot be read.
        """
        if not self.exists(name):
            raise DataError(f"expected {name} in {self.path}; found {self._found()}")
        try:
            if self.is_zip:
                return self._zip.open(self._zip_entries[0][name])
            return open((self.path.parent if self.is_single else self.path) / name, "rb")
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise DataError(f"{name} in {self.path} cannot be read ({error}); unpack or copy it again") from None

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            DataError: no such file, or it cannot be read.
        """
        with self.open(name) as stream:
            try:
                return stream.read()
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                raise DataError(f"{name} in {self.path} cannot be read ({error}); unpack or copy it again") from None

    @contextmanager
    def on_disk(self, name: str) -> Iterator[Path]:
        """The path of a file, for libraries that read no streams: of a zip, that of a copy which is deleted again.

        Raises:
            DataError: no such file, or it cannot be read.
        """
        with self.open(name) as stream:
            if not self.is_zip:
                yield Path(stream.name)
                return
            with NamedTemporaryFile(prefix="fercli-", suffix=Path(name).suffix) as copy:
                try:
                    shutil.copyfileobj(stream, copy, 2**20)
                except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                    raise DataError(f"{name} in {self.path} cannot be read ({error}); copy it again") from None
                copy.flush()
                yield Path(copy.name)

    def text(self, name: str) -> str:
        """A file as text: UTF-8, with or without byte order mark; what is not UTF-8 is read as Latin-1."""
        data = self.read(name)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def find(self, *candidates: str) -> str:
        """The first of the candidates that exists.

        Raises:
            DataError: none exists; the message says what was expected and what the top level holds.
        """
        for name in candidates:
            if self.exists(name):
                return name
        raise DataError(f"expected {' or '.join(candidates)} in {self.path}; found {self._found()}")

    def fingerprint(self) -> str:
        """sha256 over names, sizes, checksums of a zip and content of label files; independent of the place."""
        digest = hashlib.sha256()
        for name, size in self._sizes.items():
            if self.is_zip:
                content = f"{self._zip_entries[0][name].CRC:08x}"
            elif name.lower().endswith(LABEL_FILES):
                with self.open(name) as stream:
                    content = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            else:
                content = ""
            digest.update(f"{name}\0{size}\0{content}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def _found(self, most: int = 12) -> str:
        tops = sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in self._sizes})
        return (", ".join(tops[:most]) + (f" and {len(tops) - most} more" if len(tops) > most else "")) or "nothing"


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be read ({error.strerror}); check its permissions")


def _glob(pattern: str) -> str:
    """A glob as a regular expression for `fullmatch`."""
    return re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
