"""Folds that somebody else has made: a table, or a folder with a list of names for each fold.

    folds.csv        columns `id`, `video` or `subject`, and `fold`; also as Parquet
    folds/1.txt      a folder: each text file is one fold, each line the name of a video (of a row, without videos)

Names of videos may have the suffix of a file (`01.mp4`).
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.folds import LEFT_OUT, Assignment, Folds
from fercli.datasets.store import Store
from fercli.datasets.user_table import read_user_table
from fercli.errors import DataError, printable, reading

KEYS = ("id", "video", "subject")
SUFFIX = re.compile(r"\.(mp4|avi|mov|mkv|webm|wmv|txt|csv|jpe?g|png)$", re.IGNORECASE)
MOST_BYTES = 1 << 28
MISSING = "row without a fold in the file"
UNKNOWN = "line that names nothing in the store"
REPEATED = "line given twice with the same fold"


@dataclass(frozen=True, kw_only=True)
class FileFolds(Folds):
    """Folds of a file.

    Attributes:
        path: csv or Parquet file, or folder of text files.
    """

    path: str | Path

    @property
    def fingerprint(self) -> str:
        """Hash of the content of the file, or of all files of the folder."""
        found = hashlib.sha256()
        for file in self._files():
            found.update(f"{file.stem}\n".encode() if Path(self.path).is_dir() else b"")
            found.update(file.read_bytes())
        return found.hexdigest()[:16]

    def count(self, store: Store) -> int:
        """Return how many folds the file names; the rows of the store are not read."""
        return len({fold for _, fold in self._lines()[1]})

    def assign(self, store: Store, seed: int) -> Assignment:
        """Match names with rows; count rows without a fold, and lines that are unknown or repeated.

        Raises:
            DataError: the file is damaged, has other columns, gives one name two folds, or matches no row.
        """
        key, lines = self._lines()
        rows = self.pooled(store)
        names = store.column(key or ("video" if _has(store, "video") else "id"))[rows]
        known = {str(name) for name in names if name is not None}
        fold_of: dict[str, str] = {}
        left_out = Counter[str]()
        for name, fold in lines:
            plain = name if name in known else SUFFIX.sub("", name)
            if plain not in known:
                left_out[UNKNOWN] += 1
            elif plain not in fold_of:
                fold_of[plain] = fold
            elif fold_of[plain] == fold:
                left_out[REPEATED] += 1
            else:
                raise DataError(
                    f"{self.path} gives '{printable(name)}' the folds {printable(fold_of[plain])} and "
                    f"{printable(fold)}; expected one fold for each name"
                )
        if not fold_of:
            raise DataError(
                f"{self.path} names no {key or 'video'} of {store.path}: expected names such as "
                f"'{printable(min(known, default='none'))}', found '{printable(lines[0][0])}'"
            )
        order = sorted({fold for _, fold in lines}, key=_number_first)
        number = {fold: place for place, fold in enumerate(order, start=1)}
        found = np.full(len(store), LEFT_OUT)
        found[rows] = [number[fold_of[str(name)]] if str(name) in fold_of else LEFT_OUT for name in names]
        if missing := int((found[rows] == LEFT_OUT).sum()):
            left_out[MISSING] = missing
        return Assignment(found, tuple(f"fold {name}" for name in order), dict(left_out))

    def rule(self, store: Store) -> str:
        """Return the number of folds, the name of the file, and its hash."""
        name = f"{printable(Path(self.path).name)} ({self.fingerprint[:8]})"
        return f"{self.count(store)} folds of {name}, {self.pool_in_words(store)}"

    def _lines(self) -> tuple[str | None, list[tuple[str, str]]]:
        """Return the column that names rows (None for a folder), and name and fold of each line."""
        files = self._files()
        if Path(self.path).is_dir():
            found = []
            for file in files:
                with reading(file, "a list of names", remedy="write one name on each line"):
                    names = map(str.strip, file.read_text("utf-8-sig").splitlines())
                found += [(name, file.stem) for name in names if name]
            key = None
        else:
            key, found = _table(files[0])
        if len({fold for _, fold in found}) < 2:
            raise DataError(f"{self.path} has fewer than two folds; expected two or more")
        return key, found

    def _files(self) -> list[Path]:
        path = Path(self.path)
        if path.is_dir():
            found = sorted(path.glob("*.txt"))
            if not found:
                raise DataError(f"expected a text file for each fold in {path}; found none")
        elif path.is_file():
            found = [path]
        else:
            raise DataError(f"expected the file or folder of folds {path}; found none: name it with folds.path=")
        if (size := sum(file.stat().st_size for file in found)) > MOST_BYTES:
            raise DataError(f"{path} has {size:,} bytes; expected at most {MOST_BYTES:,}")
        return found


def _table(path: Path) -> tuple[str, list[tuple[str, str]]]:
    """Return the column that names rows, and name and fold of each line."""
    table = read_user_table(path, "folds", (*KEYS, "fold"))
    frame = table.frame
    table.require_whole_lines(path)
    keys = [name for name in KEYS if name in frame]
    if len(keys) != 1 or "fold" not in frame:
        raise DataError(f"expected the column fold and one of {', '.join(KEYS)} in {path}; found {table.listed}")
    names, folds = (frame[column].tolist() for column in (keys[0], "fold"))
    lines = list(zip(names, folds, strict=True))
    if empty := sum(not name or not fold for name, fold in lines):
        raise DataError(f"{path} has {empty} lines without a name or a fold; expected both on each line")
    return keys[0], lines


def _has(store: Store, column: str) -> bool:
    return any(value is not None for value in store.column(column))


def _number_first(name: str) -> tuple[float, str]:
    return (float(name) if re.fullmatch(r"\d{1,9}", name) else np.inf, name)
