"""Twins: rows of a store that show the same photograph. `twins.parquet` names the equal ones, audits the near ones.

    twins.parquet                   equal pixels, by `fercli preprocess`
    near_twins.parquet              near-duplicates, by `fercli audit`
    twins_with_<name>_<id>.parquet  equal pixels and near-duplicates between two stores, by `fercli audit`

Each row of such a file is a pair. Rows with equal pixels are paired with the first of them. Their checksums stand in
SHA256SUMS. They are no part of the fingerprint of the store.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from fercli.checksums import FILE as SUMS
from fercli.checksums import replace_sum, require_sound, sums_of
from fercli.errors import DataError, reading
from fercli.files import write_changed

FILE = "twins.parquet"
NEAR_FILE = "near_twins.parquet"
EQUAL_FILE, EQUAL, NEAR = "equal file", "equal pixels", "near-duplicate"
KINDS = (EQUAL_FILE, EQUAL, NEAR)
REMEDY = "preprocess the data set again into the same folder, or run the audit again"

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "twin", "split", "twin_split", "kind")),
        ("similarity", pa.float32()),  # 1 for equal pixels
        ("mirrored", pa.bool_()),
        ("down", pa.float32()),  # by which the twin is shifted, as a share of the height; after mirroring
        ("right", pa.float32()),  # as a share of the width
    ]
)


@dataclass(frozen=True)
class Twins:
    """Pairs of rows that show the same photograph.

    Attributes:
        table: columns of SCHEMA.
        checked: the kinds of twins that were looked for.
    """

    table: pa.Table
    checked: tuple[str, ...]

    def column(self, name: str) -> np.ndarray:
        """Return one column of the pairs as NumPy."""
        return self.table.column(name).to_numpy()

    @property
    def is_near(self) -> np.ndarray:
        """(m,) bool: the pairs that are near-duplicates."""
        return self.column("kind") == NEAR

    @property
    def near_digest(self) -> str:
        """Hash of which rows are near-duplicates. Similarities do not count: their last digits vary by machine."""
        near = self.table.filter(pa.array(self.is_near))
        pairs = zip(near.column("id").to_pylist(), near.column("twin").to_pylist(), strict=True)
        return hashlib.sha256(json.dumps(sorted(map(sorted, pairs))).encode()).hexdigest()[:16]


def pairs_table(rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Return pairs, tuples in the order of SCHEMA, as a table."""
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


def encoded(pairs: pa.Table, fingerprints: Iterable[str]) -> bytes:
    """Encode pairs as Parquet.

    Args:
        fingerprints: of the one or two stores that were compared.
    """
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pairs.replace_schema_metadata({"fingerprints": "\n".join(fingerprints)}), sink)
    return sink.getvalue().to_pybytes()


def write(folder: Path, name: str, pairs: pa.Table, fingerprints: Iterable[str]) -> None:
    """Write a file of pairs into the folder of a store, and its checksum."""
    content = encoded(pairs, fingerprints)
    write_changed(folder / name, content)
    replace_sum(folder, name, content)


def read(folder: Path, name: str, fingerprints: Iterable[str]) -> pa.Table | None:
    """Read a file of pairs; None where there is none of these stores.

    Raises:
        DataError: it is damaged.
    """
    if not (folder / name).is_file() or not (folder / SUMS).is_file() or name not in sums_of(folder, DataError):
        return None
    import pyarrow.parquet as pq

    require_sound(folder, [name], error=DataError, remedy=REMEDY)
    with reading(folder / name, "pairs of twins", remedy=REMEDY):
        table = pq.read_table(folder / name)
        if (table.schema.metadata or {}).get(b"fingerprints") != "\n".join(fingerprints).encode():
            return None
        return table.cast(SCHEMA)


def read_own(folder: Path, fingerprint: str) -> Twins | None:
    """Read the twins within a store; None where none were looked for: an earlier fercli prepared it.

    Raises:
        DataError: a file is damaged.
    """
    equal, near = (read(folder, name, [fingerprint]) for name in (FILE, NEAR_FILE))
    if equal is None:
        return None
    if near is None:
        return Twins(equal, KINDS[:2])
    return Twins(pa.concat_tables([equal, near]), KINDS)


def cross_name(name: str, fingerprint: str) -> str:
    """Return the name of the file in one store with the twins in another store of this name and fingerprint."""
    return f"twins_with_{name}_{fingerprint[:8]}.parquet"


def still_valid(folder: Path, fingerprint: str) -> list[str]:
    """Return the names of sound files of audits of the store with this fingerprint; delete those of another one."""
    import pyarrow.parquet as pq

    found = []
    for file in sorted({*folder.glob(NEAR_FILE), *folder.glob("twins_with_*.parquet")}):
        try:
            require_sound(folder, [file.name], error=DataError, remedy=REMEDY)
            known = (pq.read_schema(file).metadata or {}).get(b"fingerprints", b"").decode().split("\n")[0]
        except (DataError, pa.ArrowException):
            known = ""
        if known == fingerprint:
            found.append(file.name)
        else:
            file.unlink()
    return found
