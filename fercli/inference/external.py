"""Predictions of other people for the rows of a store: a CSV or Parquet file, read and matched.

One column says which rows a prediction is for: `id`, `file` (a file name, with or without folder and suffix), `video`,
or `subject`; a prediction for a video or a subject counts for all of its rows. The other columns are predictions:

    prob_<class>, score_<class>, votes_<class> or <class>   one for each class, by its name or a synonym of it
    predicted                                               name of the class, where there are no numbers
    valence, arousal, score                                 also as predicted_valence, ...
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from fercli.datasets.store import Store
from fercli.datasets.user_table import UserTable, read_user_table
from fercli.errors import DataError, printable
from fercli.inference.external_columns import KEYS, NAMES, NO_CLASS, NO_PROBABILITIES, NOT_A_NUMBER, Predicted

MOST_BYTES = 1 << 30
MOST_COLUMNS = 20_000
MOST_TEXT = 4096  # characters of one cell
ODD = "odd line"
REASONS = {
    "missing": "no prediction for this row of the store",
    "twice": "given more than once with different predictions",
    "repeated": "given more than once with the same prediction; it counts once",
    "unknown": "no such row in this split of the store",
    NOT_A_NUMBER: "a prediction is empty, or no finite number",
    NO_PROBABILITIES: "probabilities or votes are negative, or probabilities do not add up to 1",
    NO_CLASS: "`predicted` is the name of no class of the store",
    ODD: "the line has more cells than the header",
}


@dataclass(frozen=True)
class LeftOut:
    """A line or a row that was left out: its name, the reason (a key of REASONS), and what was found there."""

    name: str
    reason: str
    found: str = ""


@dataclass(frozen=True)
class External:
    """Predictions of others, matched with the rows of a split.

    Attributes:
        rows: (n,) row numbers of the store that have a prediction, ascending.
        columns: of the prediction table, for these rows: `probabilities` (n, K), `predicted_valence`, ...
        kind: what the classes were given by: `probabilities`, `scores`, `votes`, `class`, or empty.
        left_out: every line and every row that was left out.
        sha256: of the file.
        key: column that says which rows are meant.
        unread: columns that say neither a row nor a prediction.
    """

    rows: np.ndarray
    columns: dict[str, np.ndarray]
    kind: str
    left_out: tuple[LeftOut, ...]
    sha256: str
    key: str
    unread: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of lines or rows left out by reason."""
        found = Counter(one.reason for one in self.left_out)
        return {reason: found[reason] for reason in REASONS}


def read_external(path: Path, store: Store, split: str) -> External:
    """Read and match a file of predictions.

    Raises:
        DataError: the file is damaged or too large, says not for which rows it is, holds no prediction, or matches no
            row.
    """
    table = _read(path)
    frame = table.frame
    key = next((name for name in KEYS if name in frame), None)
    if key is None:
        raise DataError(
            f"{path} has no column of {', '.join(KEYS)}: expected one that says which rows are meant; found "
            f"{table.listed}. Name the columns in the first line, with commas, semicolons or tabs between them"
        )
    if frame.empty:
        odd = f"{len(table.odd_lines):,} lines with more cells than the header"
        found = odd if table.odd_lines else "a header without lines"
        raise DataError(f"expected a line for each evaluated row in {path}; found {found}")
    predicted = Predicted(path, frame, store.classes, key)
    wanted = store.rows(split)
    known = _rows_by_name(store, wanted, key)
    lines: dict[str, int] = {}
    left_out = [LeftOut(f"line {line}", ODD) for line in table.odd_lines]
    names = frame[key].tolist()
    several = {name for name, number in Counter(names).items() if number > 1}
    for line, name in enumerate(names):
        if name not in known and _plain(key, name) not in known:
            left_out.append(LeftOut(name, "unknown"))
        elif line in predicted.faults:
            left_out.append(LeftOut(name, *predicted.faults[line]))
        elif name in lines:
            same = all(np.array_equal(column[lines[name]], column[line]) for column in predicted.columns.values())
            left_out.append(LeftOut(name, "repeated" if same else "twice"))
        else:
            lines[name] = line
    contradicted = {one.name for one in left_out if one.reason == "twice"} & several
    left_out += [LeftOut(name, "twice") for name in lines if name in contradicted]
    line_of = {}
    for name, line in lines.items():
        if name not in contradicted:
            for row in known.get(name, known.get(_plain(key, name), [])):
                line_of[row] = line
    if not line_of:
        raise DataError(_no_row(path, store, split, key, known, left_out))
    ids = store.column("id")
    left_out += [LeftOut(ids[row], "missing") for row in wanted if row not in line_of]
    rows = np.array(sorted(line_of))
    taken = np.array([line_of[row] for row in rows])
    columns = {name: value[taken] for name, value in predicted.columns.items()}
    return External(rows, columns, predicted.kind, tuple(left_out), table.sha256, key, predicted.unread)


def _read(path: Path) -> UserTable:
    """Return the file as text columns."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(f"{path} has {size:,} bytes; expected at most {MOST_BYTES:,}")
    table = read_user_table(path, "predictions", NAMES)
    if len(table.frame.columns) > MOST_COLUMNS:
        raise DataError(f"{path} has {len(table.frame.columns):,} columns; expected at most {MOST_COLUMNS:,}")
    if any(table.frame[name].str.len().max() > MOST_TEXT for name in table.frame):
        raise DataError(f"{path} has a cell of more than {MOST_TEXT:,} characters")
    return table


def _no_row(
    path: Path, store: Store, split: str, key: str, known: dict[str, list[int]], left_out: list[LeftOut]
) -> str:
    """Return the message about a file of which no line can be used: its most frequent reason."""
    (reason, number), *_ = Counter(one.reason for one in left_out).most_common(1)
    first = next(one for one in left_out if one.reason == reason)
    if reason != "unknown":
        found = f"; found {first.found}" if first.found else ""
        named = "; name the columns score_<class> if these are numbers before softmax, and divide percentages by 100"
        remedy = named if reason == NO_PROBABILITIES else ""
        return f"no line of {path} can be used. {number:,} {reason}: {REASONS[reason]}{found}{remedy}"
    given, plain = printable(first.name)[:80], _plain("file", first.name)
    remedy = ": name the column `file` in place of `id`" if key == "id" and plain in known else ""
    return (
        f"{path} matches no row of split '{split}' of {store.path} by its column {key}: expected names such as "
        f"'{_first(known)}', found '{given}'{remedy}"
    )


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
    """Yield a row for each line and row that was left out: its name, the reason in words, and what was found."""
    for one in external.left_out:
        yield {"name": one.name, "reason": one.reason, "detail": said(one)}


def said(one: LeftOut) -> str:
    """Return the reason in words, and what was found."""
    return f"{REASONS[one.reason]}{f'; found {one.found}' if one.found else ''}"
