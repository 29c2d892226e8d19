"""Read a pack that anybody may have made: nothing of it is used before its names, sizes and checksums are checked."""

import json
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from fercli import checksums
from fercli.errors import RunError, printable, reading
from fercli.runs.pack import CHUNK, DESCRIPTION, FORMAT, NAME

REMEDY = "get the file again from who made it"
MOST_FILES = 100_000
MOST_DEPTH = 8  # folders in the name of a file; a pack has at most 6
MOST_LISTING_BYTES = 64 << 20  # of pack.json, and of the checksums
ENCRYPTED = 0x1
FOLDER = re.compile(r"runs/[^/]+/seed\d{1,9}")  # of a run


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack into a temporary folder, which is deleted afterwards.

    Raises:
        RunError: it is no pack, or damaged; or it holds what no pack holds: a name that leads elsewhere, a link, two
            files of one name, compressed or encrypted files, files that its checksums do not name.
    """
    with tempfile.TemporaryDirectory(prefix="fercli-") as name:
        folder = Path(name)
        with reading(path, "a pack of fercli", error=RunError, remedy=REMEDY), ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries, path.stat().st_size)
            for entry in entries:
                _unpack(archive, entry, folder)
        _check_sums(path, folder, {entry.filename for entry in entries})
        yield folder


def packed_runs(path: Path, folder: Path) -> list[str]:
    """Return the folders of the runs that `pack.json` of an unpacked folder names, such as `runs/<name>/seed0`.

    Args:
        path: the pack, for messages.

    Raises:
        RunError: it is damaged, or of a later version of fercli.
    """
    with reading(path, f"{DESCRIPTION} with the runs", error=RunError, remedy=REMEDY):
        found = json.loads(_small(folder / DESCRIPTION))
        if found["format"] != FORMAT:
            raise RunError(f"{path} has format {found['format']!r}; this fercli reads {FORMAT}. Install a newer fercli")
        runs = [str(run["folder"]) for run in found["runs"]]
        for name in runs:
            if not (FOLDER.fullmatch(name) and _is_name(name) and (folder / name).is_dir()):
                raise RunError(f"{path} is damaged: it names the run '{printable(name)}', and does not hold it")
        return runs


def _check(entries: list[ZipInfo], size: int) -> None:
    if len(entries) > MOST_FILES:
        raise RunError(f"expected at most {MOST_FILES:,} files in a pack, found {len(entries):,}")
    if sum(entry.file_size for entry in entries) > size:
        raise RunError("the files of this archive are larger than itself: it is no pack of fercli")
    seen: set[str] = set()
    for entry in entries:
        name = printable(entry.filename)[:200]
        if not _is_name(entry.filename):
            raise RunError(f"'{name}' is no name of a file in a pack: it could lead to another folder; {REMEDY}")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise RunError(f"'{name}' is a link or another special file, which no pack holds; {REMEDY}")
        if entry.compress_type != ZIP_STORED or entry.compress_size != entry.file_size:
            raise RunError(f"'{name}' is compressed, which no file of a pack is; {REMEDY}")
        if entry.flag_bits & ENCRYPTED:
            raise RunError(f"'{name}' is encrypted, which no file of a pack is; {REMEDY}")
        key = unicodedata.normalize("NFC", entry.filename).casefold()  # some file systems take such names for one
        if key in seen:
            raise RunError(f"two files of this archive are named '{name}'; {REMEDY}")
        seen.add(key)
    for key in seen:
        if any(str(folder) in seen for folder in Path(key).parents):
            raise RunError(f"'{printable(key)}' lies in a file; {REMEDY}")


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return len(parts) <= MOST_DEPTH and all(NAME.fullmatch(part) and part not in (".", "..") for part in parts)


def _unpack(archive: ZipFile, entry: ZipInfo, folder: Path) -> None:
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ValueError("a file that is longer than the archive says")
            file.write(chunk)
    if left:
        raise ValueError("a file that is shorter than the archive says")


def _check_sums(path: Path, folder: Path, names: set[str]) -> None:
    with reading(path, "checksums", error=RunError, remedy=REMEDY):
        _small(folder / checksums.FILE)
        sums = checksums.sums_of(folder)
    if missing := sorted({DESCRIPTION, checksums.FILE} - names) or sorted(sums.keys() - names):
        raise RunError(f"{path} is damaged: it lacks {printable(missing[0])}; {REMEDY}")
    if more := sorted(names - sums.keys() - {checksums.FILE}):
        raise RunError(f"{path} is damaged: its checksums do not name {printable(more[0])}; {REMEDY}")
    for name, value in sums.items():
        if checksums.state(folder, name, value) != "sound":
            raise RunError(f"{path} is damaged or was changed: the checksum of {printable(name)} differs; {REMEDY}")


def _small(file: Path) -> bytes:
    if not file.is_file() or os.path.getsize(file) > MOST_LISTING_BYTES:
        raise ValueError(f"no {file.name}, or one that is too large")
    return file.read_bytes()
