"""A prepared data set on disk: Arrow IPC shards, `dataset.json`, `rejects.parquet`.

    store/
      dataset.json          what it is: classes, options, protocol, counts, sha256 of every shard, fingerprints
      SHA256SUMS            of all files here; compared when a shard is opened
      columns.parquet       further columns of the raw data set, by id; only where it has some
    rejects.parquet       every row that was left out: id, split, expression, reason, detail
      shards/00000.arrow    rows of SCHEMA; opens with pyarrow, pandas, DuckDB or Hugging Face datasets as well

Shards are memory-mapped, so a store larger than memory is read by random access.
"""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fercli.checksums import require_sound
from fercli.datasets import further
from fercli.datasets.twins import Twins, read_own
from fercli.errors import DataError, printable, reading
from fercli.fields import NUMBERS, SCHEMA_VERSION
from fercli.scales import Scale, recorded

NUM_LANDMARKS = 68  # iBUG order

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("split", pa.string()),
        ("image", pa.binary()),  # PNG or JPEG bytes
        ("context", pa.binary()),  # the scene around the face, PNG or JPEG bytes; null where it is not kept
        ("face_box", pa.list_(pa.float32())),  # left, top, right, bottom of a found face in pixels of the scene
        ("face_found", pa.bool_()),  # false where no face was found and the middle of the image is used instead
        ("expression", pa.string()),  # class name, null where unlabelled
        ("votes", pa.list_(pa.float32())),  # one number per class of dataset.json, in its order
        *((name, pa.float32()) for name in NUMBERS),
        ("age_group", pa.string()),  # where no age in years is given
        ("gender", pa.string()),
        ("race", pa.string()),
        ("landmarks", pa.list_(pa.float32())),  # x0, y0, x1, y1, ... in pixels of the stored image
        ("subject", pa.string()),
        ("video", pa.string()),
        ("session", pa.string()),
        ("time", pa.float32()),
        ("role", pa.string()),  # query or gallery, in retrieval sets
    ]
)

REJECT_SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "split", "expression", "reason", "detail")])


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
REMEDY = "preprocess the data set again into the same folder: sound shards are kept"
# Keys that `dataset.json` must have for the store to be read.
DESCRIBED: dict[str, type] = {
    "schema": int,
    "name": str,
    "classes": list,
    "fingerprint": str,
    "shards": list,
    "counts": dict,
}


class Store:
    """Read access to a prepared data set.

    Args:
        path: its folder.
        score: the questionnaire whose scores `column("score")` and `scale` are, of a store that holds several; a store
            with one score ignores it. None for a store that holds several leaves all rows without a score.

    Raises:
        DataError: the folder is not a store, is unfinished or damaged, or has another schema version; or it lacks the
            questionnaire.
    """

    def __init__(self, path: str | Path, score: str | None = None):
        self.path = Path(path)
        description = self.path / "dataset.json"
        if not description.is_file():
            unfinished = (self.path / "shards").is_dir()
            found = "an unfinished one (run the same preprocess command again to complete it)" if unfinished else "none"
            raise DataError(
                f"expected a store in {self.path}, with a file dataset.json; found {found}.\n"
                "Make one with: fercli preprocess data=<name> raw=<folder, zip or file> store=<folder>"
            )
        require_sound(self.path, ["dataset.json"], error=DataError, remedy=REMEDY)
        with reading(description, "the description of a store", remedy=REMEDY):
            self.meta: dict[str, Any] = json.loads(description.read_text("utf-8"))
            complete = {*DESCRIBED} <= {*self.meta} and all(isinstance(self.meta[k], t) for k, t in DESCRIBED.items())
        if not complete:
            raise DataError(f"{description} is damaged: expected {', '.join(DESCRIBED)}; {REMEDY}")
        if not NAME.fullmatch(self.name):  # it becomes the name of a folder
            raise DataError(f"{description} has the name '{printable(self.name)}': expected letters, digits, _ and -")
        if self.meta.get("schema") != SCHEMA_VERSION:
            raise DataError(
                f"{description} has schema {self.meta.get('schema')}; this fercli reads {SCHEMA_VERSION}. "
                "Preprocess the data set again."
            )
        self.score = score if self.questionnaires else None
        if self.score is not None and self.score not in self.questionnaires:
            names = " or ".join(self.questionnaires)
            raise DataError(f"expected score={names} for {self.path}; found score={printable(self.score)}")

    @cached_property
    def questionnaires(self) -> dict[str, Scale]:
        """The scales of several questionnaires, by the names that `score=` takes; empty for a store with one score."""
        content, where = self.meta.get("questionnaires", {}), str(self.path / "dataset.json")
        with reading(where, "the questionnaires of a store", remedy=REMEDY):
            return {name: recorded(scale, where) for name, scale in content.items()}

    @property
    def name(self) -> str:
        """Short name of the data set, such as `ferplus`."""
        return self.meta["name"]

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in label order."""
        return tuple(self.meta["classes"])

    @cached_property
    def scale(self) -> Scale:
        """The scale of the severity scores."""
        if self.score is not None:
            return self.questionnaires[self.score]
        options = self.meta.get("options")
        content = options.get("scale") if isinstance(options, dict) else None
        return recorded(content, str(self.path / "dataset.json"))

    @property
    def identity(self) -> dict[str, Any]:
        """What identifies its data in `metrics.json`: name, fingerprint, classes, and the scale, if it records one."""
        found: dict[str, Any] = {"name": self.name, "fingerprint": self.fingerprint, "classes": list(self.classes)}
        if self.score is not None:
            return found | {"scale": self.scale.document()}
        options = self.meta.get("options")
        return found | ({"scale": options["scale"]} if isinstance(options, dict) and "scale" in options else {})

    @property
    def fingerprint(self) -> str:
        """Hash of the content: the same rows, labels and pixels give the same fingerprint in any folder."""
        return self.meta["fingerprint"]

    @cached_property
    def table(self) -> pa.Table:
        """All shards as one memory-mapped table, with the scores of the chosen questionnaire."""
        parts = []
        for shard in self.meta["shards"]:
            file = self.path / "shards" / shard["file"]
            require_sound(self.path, [f"shards/{shard['file']}"], error=DataError, remedy=REMEDY)
            with reading(file, "a shard of a store", remedy=REMEDY):
                part = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
                part.validate(full=True)  # offsets that point outside the file would crash the process
                parts.append(part.cast(SCHEMA))
        whole = pa.concat_tables(parts) if parts else SCHEMA.empty_table()
        if self.score is None:
            return whole
        with reading(self.path / further.FILE, "the scores of a store", remedy=REMEDY):
            given = further.read(self.path, whole.column("id").to_numpy())
            texts = given.get(self.score, np.full(len(whole), None))
            scores = pa.array([None if text is None else float(text) for text in texts], pa.float32())
        return whole.set_column(SCHEMA.get_field_index("score"), SCHEMA.field("score"), scores)

    def __len__(self) -> int:
        return self.table.num_rows

    def image(self, row: int, column: str = "image") -> bytes:
        """Return the encoded bytes of one image, or of its `context`."""
        return self.table.column(column)[row].as_py()

    def column(self, name: str) -> np.ndarray:
        """Return a column as NumPy: strings as objects (None where missing), numbers as float32 (NaN where missing)."""
        return self.table.column(name).to_numpy()

    @cached_property
    def further(self) -> dict[str, np.ndarray]:
        """Columns of the raw data set that have no meaning of their own, by name: (N,) texts, None where missing.

        Raises:
            DataError: the file that holds them is damaged.
        """
        return further.read(self.path, self.column("id"))

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int64 class index of every row, -1 where unlabelled."""
        index = {name: i for i, name in enumerate(self.classes)}
        return np.array([index.get(name, -1) for name in self.column("expression")], dtype=np.int64)

    @cached_property
    def votes(self) -> np.ndarray:
        """(N, K) float64 number of annotators per class for every row, NaN where the row has no votes."""
        votes = np.full((len(self), len(self.classes)), np.nan)
        for row, given in enumerate(self.column("votes")):
            if given is not None:
                votes[row] = given
        return votes

    @cached_property
    def sessions(self) -> np.ndarray:
        """(N,) int64 number of the sitting of every row: its session, else its video; -1 where it has neither."""
        return _numbered(
            [f"s:{s}" if s is not None else f"v:{v}" if v is not None else "" for s, v in self._sittings()]
        )

    @cached_property
    def subjects(self) -> np.ndarray:
        """(N,) int64 number of the person of every row, -1 where unknown."""
        return _numbered(["" if subject is None else f"p:{subject}" for subject in self.column("subject")])

    def _sittings(self) -> "zip[tuple[str | None, str | None]]":
        return zip(self.column("session"), self.column("video"), strict=True)

    @cached_property
    def twins(self) -> Twins | None:
        """Pairs of rows that show the same photograph; None where none were looked for: an earlier fercli prepared it.

        Raises:
            DataError: the file that names them is damaged.
        """
        return read_own(self.path, self.fingerprint)

    @cached_property
    def equal_images(self) -> np.ndarray:
        """(N,) int64 number of the first row with the same pixels, for every row; the row itself where it is alone."""
        first = np.arange(len(self))
        if self.twins is not None and len(self.twins.table):
            exact = ~self.twins.is_near
            rows = self.rows_of
            ends = (self.twins.column(name)[exact] for name in ("id", "twin"))
            for one, other in zip(*ends, strict=True):
                first[rows[other]] = rows[one]
        return first

    @cached_property
    def images_together(self) -> np.ndarray:
        """(N,) int64 number of the first row that stays with each row where rows are divided: that of equal pixels.

        `fercli.datasets.near_together.dividing` sets it for runs that keep near-duplicates together, too.
        """
        return self.equal_images

    @cached_property
    def rows_of(self) -> dict[str, int]:
        """Row number by id."""
        return {name: row for row, name in enumerate(self.column("id"))}

    @cached_property
    def has_landmarks(self) -> np.ndarray:
        """(N,) bool: the rows with 68 landmarks; five points, as a detector gives them, do not count."""
        lengths = pc.list_value_length(self.table.column("landmarks")).to_numpy()
        return lengths == 2 * NUM_LANDMARKS

    def landmarks(self, rows: np.ndarray) -> np.ndarray:
        """Return (n, 68, 2) float32 x and y in pixels of the stored images; NaN for a row without 68 landmarks."""
        points = np.full((len(rows), NUM_LANDMARKS, 2), np.nan, dtype=np.float32)
        column = self.table.column("landmarks")
        for place in np.flatnonzero(self.has_landmarks[rows]):
            points[place] = column[int(rows[place])].values.to_numpy().reshape(NUM_LANDMARKS, 2)
        return points

    @cached_property
    def face_boxes(self) -> np.ndarray:
        """(N, 4) float64 left, top, right, bottom of every face in pixels of its scene, NaN where unknown."""
        boxes = np.full((len(self), 4), np.nan)
        for row, box in enumerate(self.column("face_box")):
            if box is not None:
                boxes[row] = box
        return boxes

    def rows(self, split: str) -> np.ndarray:
        """Return the (n,) int64 row numbers of a split, ascending; without rows that lack the chosen questionnaire."""
        of_split = self.column("split") == split
        return np.flatnonzero(of_split if self.score is None else of_split & ~np.isnan(self.column("score")))

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold rows, in the order train, val, test."""
        counts = self.meta["counts"]
        return tuple(split for split in ("train", "val", "test") if sum(counts.get(split, {}).values()))


def _numbered(keys: list[str]) -> np.ndarray:
    """Return (N,) int64 numbers of keys: distinct keys are numbered in alphabetical order; -1 for an empty key."""
    names, numbers = np.unique(keys, return_inverse=True)
    return numbers.astype(np.int64) - (1 if "" in names else 0)
