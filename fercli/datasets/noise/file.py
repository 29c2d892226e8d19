"""Noisy labels that somebody wrote down: a CSV file with the columns `id` and `label`."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.noise.noisy import NoisyLabels, require_classes
from fercli.datasets.store import Store
from fercli.datasets.user_table import read_user_table
from fercli.errors import ConfigError, DataError, printable

# What may be found, with what it means; every line and every training row counts at most once.
COUNTED = {
    "used": "training rows whose label the file gives",
    "missing": "training rows that the file does not name; they keep their label",
    "repeated": "lines that give the same label once more",
    "twice": "training rows with several labels; they keep their own",
    "no training row": "lines for rows that this run does not train on; evaluation labels never change",
    "unknown id": "lines with an id that the store does not hold",
    "unknown class": "lines with a label that is no class of the store",
}


@dataclass(frozen=True)
class LabelFile:
    """The labels of a file, in place of those of the store.

    Args:
        file: CSV file with the columns `id` and `label`, the name of a class.
    """

    file: str

    @property
    def words(self) -> str:
        """What the noise is."""
        return f"labels of {printable(Path(self.file).name)}"

    def of(self, store: Store, rows: np.ndarray, pool: np.ndarray) -> NoisyLabels:
        """Return the labels of some training rows.

        Raises:
            ConfigError: the store has no classes, or there is no such file.
            DataError: the file is damaged, lacks a column, or names no training row.
        """
        require_classes(store)
        index = {name: place for place, name in enumerate(store.classes)}
        known, training = store.rows_of, {*rows.tolist()}
        given: dict[int, list[int]] = {}
        counts = Counter(dict.fromkeys(COUNTED, 0))
        for name, label in self._lines():
            row = known.get(name)
            if row is None:
                counts["unknown id"] += 1
            elif label not in index:
                counts["unknown class"] += 1
            elif row not in training:
                counts["no training row"] += 1
            elif index[label] in given.setdefault(row, []):
                counts["repeated"] += 1
            else:
                given[row].append(index[label])
        noisy = store.labels[rows].copy()
        for place, row in enumerate(rows.tolist()):
            found = given.get(row, [])
            counts["missing" if not found else "used" if len(found) == 1 else "twice"] += 1
            if len(found) == 1:
                noisy[place] = found[0]
        if not counts["used"]:
            raise DataError(
                f"{self.file} gives no training row of {store.path} a label: expected ids such as "
                f"'{printable(str(store.column('id')[rows[0]]))}' and classes such as '{store.classes[0]}'"
            )
        return NoisyLabels(rows, noisy, self.words, counts)

    def _lines(self) -> list[tuple[str, str]]:
        path = Path(self.file)
        if not path.is_file():
            raise ConfigError(f"expected a CSV file with the columns id and label in noise.file={path}; found none")
        table = read_user_table(path, "labels", ("id", "label"))
        frame = table.frame
        lacking = [name for name in ("id", "label") if name not in frame]
        if lacking:
            raise DataError(f"expected the columns id and label in {path}; found {table.listed}")
        table.require_whole_lines(path)
        return list(zip(frame["id"], frame["label"], strict=True))
