"""The predictions in a file of other people: its columns, matched with the classes and numbers of a store."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.datasets.readers.numbers import number_or_nan
from fercli.errors import DataError, nearest, printable
from fercli.taxonomy import canonical

KEYS = ("id", "file", "video", "subject")
NUMBERS = ("valence", "arousal", "score")
PREFIXES = {"prob_": "probabilities", "score_": "scores", "votes_": "votes", "": ""}
NAMES = (*KEYS, *NUMBERS, *(f"predicted_{name}" for name in NUMBERS), "predicted")
ROUNDED = 0.05  # how far the sum of rounded probabilities may lie from 1
NOT_A_NUMBER, NO_PROBABILITIES, NO_CLASS = "not a number", "no probabilities", "no class"


class Predicted:
    """What each line of a file predicts.

    Attributes:
        columns: of the prediction table: `probabilities` (n, K), `predicted_valence`, ...; NaN where a line is unsound.
        kind: what the classes were given by: `probabilities`, `scores`, `votes`, `class`, or empty.
        unread: names of the columns that say neither a row nor a prediction.
        faults: (reason, what was found) of each line that cannot be used, by its place.
    """

    def __init__(self, path: Path, frame: pd.DataFrame, classes: Sequence[str], key: str):
        self.columns: dict[str, np.ndarray] = {}
        self.kind = ""
        self.faults: dict[int, tuple[str, str]] = {}
        used = {key}
        for name in NUMBERS:
            given = next((column for column in (f"predicted_{name}", name) if column in frame), None)
            if given is not None:
                self.columns[f"predicted_{name}"] = self._numbers(frame[[given]])[:, 0]
                used.add(given)
        prefix, of_class = _class_columns(path, frame, classes)
        if of_class:
            wanted = [of_class[name] for name in classes]
            self.columns["probabilities"] = self._probabilities(self._numbers(frame[wanted]), prefix)
            used |= {*wanted}
        elif classes and "predicted" in frame:
            self.columns["probabilities"] = self._classes(frame["predicted"], classes)
            used.add("predicted")
        self.unread = tuple(name for name in map(str, frame) if name not in used)
        if not self.columns:
            names = [printable(name) for name in frame.columns[:20]]
            raise DataError(
                f"{path} holds no predictions: expected a column for each class ({', '.join(classes)}), `predicted`, "
                f"valence, arousal or score; {nearest('prob_' + classes[0] if classes else 'score', names)}"
            )

    def _fault(self, line: int, reason: str, found: str) -> None:
        self.faults.setdefault(line, (reason, printable(found)[:80]))

    def _numbers(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the numbers of some columns. A cell without a finite number is a fault of its line, and NaN."""
        table = np.empty(frame.shape)
        for column, name in enumerate(frame):
            for line, text in enumerate(frame[name]):
                value = number_or_nan(text)
                if not np.isfinite(value):
                    self._fault(line, NOT_A_NUMBER, f"'{text}' in {name}")
                    value = np.nan
                table[line, column] = value
        return table

    def _classes(self, given: pd.Series, classes: Sequence[str]) -> np.ndarray:
        """Return 1 for the class that is named, and 0 for the others."""
        self.kind = "class"
        place = {name: i for i, name in enumerate(classes)}
        table = np.full((len(given), len(classes)), np.nan)
        for line, text in enumerate(given):
            name = text if text in place else canonical(text)
            if name in place:
                table[line] = np.arange(len(classes)) == place[name]
            else:
                self._fault(line, NO_CLASS, f"'{text}'; classes: {', '.join(classes[:10])}")
        return table

    def _probabilities(self, table: np.ndarray, prefix: str) -> np.ndarray:
        """Return (n, K) probabilities of a table of probabilities, of scores before softmax, or of votes."""
        sums = table.sum(axis=1)
        sound = (table >= 0).all(axis=1) & (np.abs(sums - 1) <= ROUNDED)
        known = np.isfinite(sums)
        # Without a prefix the lines decide: a few faulty ones do not make scores of the probabilities of all others.
        self.kind = PREFIXES[prefix] or ("probabilities" if 2 * sound.sum() >= max(1, known.sum()) else "scores")
        if self.kind == "scores":
            weights = np.exp(table - table.max(axis=1, keepdims=True))
            return weights / weights.sum(axis=1, keepdims=True)
        if self.kind == "votes":
            sound = (table >= 0).all(axis=1) & (sums > 0)
        for line in np.flatnonzero(known & ~sound).tolist():
            least = table[line].min()
            self._fault(line, NO_PROBABILITIES, f"{least:g}" if least < 0 else f"a sum of {sums[line]:g}")
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(sound[:, None], table / sums[:, None], np.nan)


def _class_columns(path: Path, frame: pd.DataFrame, classes: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the prefix of the columns of classes, and the column of each class; none where the file has none."""
    for prefix in PREFIXES:
        found: dict[str, str] = {}
        others: list[str] = []
        for column in map(str, frame):
            if column in NAMES or not column.lower().startswith(prefix):
                continue
            word = column[len(prefix) :]
            name = word if word in classes else canonical(word)
            if name not in classes:
                others.append(column)
            elif name in found:
                two = " and ".join(printable(one)[:80] for one in (found[name], column))
                raise DataError(f"{path} has two columns of the class {name}: {two}; delete one")
            else:
                found[name] = column
        if not found:
            continue
        if missing := [name for name in classes if name not in found]:
            raise DataError(
                f"{path} has the column {printable(next(iter(found.values())))}, but lacks "
                f"{', '.join(prefix + name for name in missing[:5])}{_unknown(others)}. Rename a column that is spelt "
                "otherwise; write 0 on each line (scores: -100) for a class that the network does not know"
            )
        return prefix, found
    return "", {}


def _unknown(columns: Sequence[str]) -> str:
    names = ", ".join(printable(name)[:80] for name in columns[:5])
    return f"; found {names}, of no class of the store" if names else ""
