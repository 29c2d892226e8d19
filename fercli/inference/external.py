"""Predictions of other people for the rows of a store: a CSV or Parquet file, read and matched.

One column says which rows a prediction is for: `id`, `file` (a file name, with or without folder and suffix), `video`,
or `subject`; a prediction for a video or a subject counts for all of its rows. The other columns are predictions:

    <class> or prob_<class>, score_<class>, votes_<class>   one for each class, by its name
    predicted                                               name of the class, where there are no numbers
    valence, arousal, score                                 also as predicted_valence, ...
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from fercli.datasets.store import Store
from fercli.datasets.text_table import numbers_of, text_table
from fercli.errors import DataError, nearest, printable, reading

KEYS = ("id", "file", "video", "subject")
NUMBERS = ("valence", "arousal", "score")
MOST_BYTES = 1 << 30
MOST_COLUMNS = 20_000
MOST_TEXT = 4096  # characters of one cell
SUM_IS_ONE = 1e-3  # how far the sum of probabilities that were rounded may lie from 1
REASONS = {
    "missing": "no prediction for this row of the store",
    "twice": "given more than once with different predictions",
    "repeated": "given more than once with the same prediction; it counts once",
    "unknown": "no such row in this split of the store",
    "not a number": "a prediction is not a finite number, or no class of the store",
}


@dataclass(frozen=True)
class External:
    """Predictions of others, matched with the rows of a split.

    Attributes:
        rows: (n,) row numbers of the store that have a prediction, ascending.
        columns: of the prediction table, for these rows: `probabilities` (n, K), `predicted_valence`, ...
        kind: what the classes were given by: `probabilities`, `scores`, `votes`, `class`, or empty.
        left_out: (name, reason) of every line and every row that was left out; reasons are keys of REASONS.
        sha256: of the file.
    """

    rows: np.ndarray
    columns: dict[str, np.ndarray]
    kind: str
    left_out: tuple[tuple[str, str], ...]
    sha256: str

    @property
    def counts(self) -> dict[str, int]:
        """Number of lines or rows left out by reason."""
        found = Counter(reason for _, reason in self.left_out)
        return {reason: found[reason] for reason in REASONS}


def read_external(path: Path, store: Store, split: str) -> External:
    """Read and match a file of predictions.

    Raises:
        DataError: the file is damaged or too large, says not for which rows it is, holds no prediction, or matches no
            row.
    """
    frame, sha256 = _read(path)
    key = next((name for name in KEYS if name in frame), None)
    if key is None:
        raise DataError(f"{path} has no column of {', '.join(KEYS)}: expected one that says which rows are meant")
    values, kind = _predicted(path, frame, store.classes)
    sound = np.isfinite(np.column_stack([*values.values()])).all(axis=1)
    wanted = store.rows(split)
    known = _rows_by_name(store, wanted, key)
    lines: dict[str, int] = {}
    left_out: list[tuple[str, str]] = []
    names = frame[key].tolist()
    several = {name for name, number in Counter(names).items() if number > 1}
    for line, name in enumerate(names):
        if name not in known and _plain(key, name) not in known:
            left_out.append((name, "unknown"))
        elif not sound[line]:
            left_out.append((name, "not a number"))
        elif name in lines:
            same = all(np.array_equal(column[lines[name]], column[line]) for column in values.values())
            left_out.append((name, "repeated" if same else "twice"))
        else:
            lines[name] = line
    contradicted = {name for name, reason in left_out if reason == "twice"} & several
    left_out += [(name, "twice") for name in lines if name in contradicted]
    line_of = {}
    for name, line in lines.items():
        if name not in contradicted:
            for row in known.get(name, known.get(_plain(key, name), [])):
                line_of[row] = line
    ids = store.column("id")
    left_out += [(ids[row], "missing") for row in wanted if row not in line_of]
    if not names:
        raise DataError(f"expected a line for each evaluated row in {path}; found a header without lines")
    if not line_of:
        first, given = _first(known), printable(names[0])[:80]
        raise DataError(
            f"{path} matches no row of split '{split}' of {store.path} by its column {key}: expected names such as "
            f"'{first}', found '{given}'"
        )
    rows = np.array(sorted(line_of))
    taken = np.array([line_of[row] for row in rows])
    return External(rows, {name: value[taken] for name, value in values.items()}, kind, tuple(left_out), sha256)


def _read(path: Path) -> tuple[pd.DataFrame, str]:
    """Return the file as text columns, and its SHA-256."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(f"{path} has {size:,} bytes; expected at most {MOST_BYTES:,}")
    content = path.read_bytes()
    with reading(path, "a CSV or Parquet table of predictions", remedy="write it again"):
        from io import BytesIO

        is_parquet = path.suffix == ".parquet"
        frame = pd.read_parquet(BytesIO(content)).astype(str) if is_parquet else text_table(content)
        if frame.columns.has_duplicates or len(frame.columns) > MOST_COLUMNS:
            raise DataError(f"{path} has too many columns, or two of one name")
        if any(frame[name].str.len().max() > MOST_TEXT for name in frame):
            raise DataError(f"{path} has a cell of more than {MOST_TEXT:,} characters")
    frame.columns = frame.columns.str.strip()
    return frame.apply(lambda column: column.str.strip()), hashlib.sha256(content).hexdigest()


def _predicted(path: Path, frame: pd.DataFrame, classes: Sequence[str]) -> tuple[dict[str, np.ndarray], str]:
    """Return the columns of the prediction table, NaN where a cell holds no number, and the kind of the classes."""
    found: dict[str, np.ndarray] = {}
    for name in NUMBERS:
        given = next((column for column in (f"predicted_{name}", name) if column in frame), None)
        if given is not None:
            found[f"predicted_{name}"] = _numbers(frame[given])
    kind = ""
    for prefix in ("prob_", "score_", "votes_", ""):
        wanted = [f"{prefix}{name}" for name in classes]
        if classes and all(name in frame for name in wanted):
            table = np.column_stack([_numbers(frame[name]) for name in wanted])
            found["probabilities"], kind = _probabilities(table, prefix)
            break
        if some := [name for name in wanted if name in frame]:
            missing = [name for name in wanted if name not in frame]
            raise DataError(f"{path} has the column {printable(some[0])}, but lacks {', '.join(missing[:5])}")
    if not kind and "predicted" in frame:
        place = frame["predicted"].map({name: i for i, name in enumerate(classes)}).to_numpy(float)
        table = (place[:, None] == np.arange(len(classes))).astype(float)
        table[np.isnan(place)] = np.nan
        found["probabilities"], kind = table, "class"
    if not found:
        names = [printable(name) for name in frame.columns[:20]]
        raise DataError(
            f"{path} holds no predictions: expected a column for each class ({', '.join(classes)}), `predicted`, "
            f"valence, arousal or score; {nearest('prob_' + classes[0] if classes else 'score', names)}"
        )
    return found, kind


def _probabilities(table: np.ndarray, prefix: str) -> tuple[np.ndarray, str]:
    """Return (n, K) probabilities of a table of probabilities, of scores before softmax, or of votes."""
    sums = table.sum(axis=1, keepdims=True)
    seen = table[np.isfinite(table).all(axis=1)]
    is_probability = prefix != "score_" and (seen >= 0).all() and (np.abs(seen.sum(axis=1) - 1) <= SUM_IS_ONE).all()
    with np.errstate(divide="ignore", invalid="ignore"):  # what becomes NaN is left out and counted
        if prefix == "votes_":
            return np.where((table < 0).any(axis=1, keepdims=True), np.nan, table / sums), "votes"
        if is_probability:
            return table / sums, "probabilities"
        weights = np.exp(table - table.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True), "scores"


def _numbers(column: pd.Series) -> np.ndarray:
    return numbers_of(column).to_numpy()


def _rows_by_name(store: Store, rows: np.ndarray, key: str) -> dict[str, list[int]]:
    """Return the rows that each name means. A name of a file that means several ids means none."""
    found: dict[str, list[int]] = {}
    if key in ("video", "subject"):
        names = store.column(key)
        for row in rows.tolist():
            if names[row] is not None:
                found.setdefault(names[row], []).append(row)
        return found
    ids = store.column("id")
    for row in rows.tolist():
        found[ids[row]] = [row]
    if key == "file":
        short: dict[str, list[int]] = {}
        for row in rows.tolist():
            short.setdefault(_plain(key, ids[row]), []).append(row)
        found |= {name: one for name, one in short.items() if len(one) == 1 and name not in found}
    return found


def _plain(key: str, name: str) -> str:
    """Return the name of a file without folders and suffix; any other name as it is."""
    return PurePosixPath(name.replace("\\", "/")).stem if key == "file" else name


def _first(known: dict[str, list[int]]) -> str:
    return printable(next(iter(known), "none"))[:80]


def left_out_rows(external: External) -> Iterator[dict[str, str]]:
    """Yield a row for each line and row that was left out: its name and the reason in words."""
    for name, reason in external.left_out:
        yield {"name": name, "reason": reason, "detail": REASONS[reason]}
