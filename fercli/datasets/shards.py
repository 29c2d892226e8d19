"""Write a store, whole files only: a killed process never leaves a half-written file.

A shard `shards/00000.arrow` has a companion `shards/00000.json` with its sha256, its number of rows and its rejects.
The companion is written last. A shard with a matching companion is finished; any other shard is written again.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from fercli.checksums import digest, digest_of, seal
from fercli.datasets import further, twins
from fercli.datasets.equal_images import equal_pairs
from fercli.datasets.store import REJECT_SCHEMA, SCHEMA
from fercli.errors import DataError
from fercli.files import write_changed, write_whole
from fercli.records import Reject


@dataclass(frozen=True)
class ShardInfo:
    """A finished shard: file name, rows kept, sha256 of the file, rows left out, number of kept rows without a face."""

    file: str
    rows: int
    sha256: str
    rejects: tuple[Reject, ...]
    without_face: int


def storable(text: str) -> str:
    """Escape what UTF-8 cannot hold, such as `\\udce9` for a byte of a file name in an older encoding."""
    return text.encode("utf-8", "backslashreplace").decode()


def write_shard(folder: Path, index: int, rows: Sequence[dict[str, Any]], rejects: Sequence[Reject]) -> ShardInfo:
    """Write one shard and its companion; `rows` are dictionaries with the columns of SCHEMA."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA))
    content = sink.getvalue().to_pybytes()
    file = f"{index:05d}.arrow"
    without_face = sum(row.get("face_found") is False for row in rows)
    info = ShardInfo(file, len(rows), digest(content), tuple(rejects), without_face)
    write_whole(folder / file, content)
    write_whole((folder / file).with_suffix(".json"), json.dumps(asdict(info), ensure_ascii=False, indent=1).encode())
    return info


def finished_shard(folder: Path, index: int) -> ShardInfo | None:
    """Return the shard that an earlier call finished under this index; None if it is missing, unfinished or damaged."""
    file = folder / f"{index:05d}.arrow"
    try:
        found = json.loads(file.with_suffix(".json").read_text("utf-8"))
        if digest_of(file) != found["sha256"]:
            return None
        return ShardInfo(**found | {"rejects": tuple(Reject(**reject) for reject in found["rejects"])})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def finish_store(
    store: Path, description: dict[str, Any], rejects: Sequence[Reject], columns: bytes | None = None
) -> pa.Table:
    """Complete a store: write the rows left out, the twins, the checksums of all files, and last the description.

    Files that already have the right content are not written. Files of audits are deleted if the shards have changed.

    Args:
        columns: content of `columns.parquet`, see `fercli.datasets.further`; None where there is none.

    Returns:
        The pairs of rows with equal pixels, as `fercli.datasets.twins` describes them.
    """
    left_out, described = encode_rejects(rejects), (json.dumps(description, indent=2) + "\n").encode()
    write_changed(store / "rejects.parquet", left_out)
    shards = [f"shards/{shard['file']}" for shard in description["shards"]]
    pairs = _equal_pairs(store, shards, description["fingerprint"])
    content = twins.encoded(pairs, [description["fingerprint"]])
    write_changed(store / twins.FILE, content)
    audits = twins.still_valid(store, description["fingerprint"])
    sealed = {"rejects.parquet": left_out, twins.FILE: content, "dataset.json": described}
    if columns is not None:
        write_changed(store / further.FILE, columns)
        sealed[further.FILE] = columns
    seal(store, [*shards, *audits], sealed)
    write_changed(store / "dataset.json", described)
    return pairs


def _equal_pairs(store: Path, shards: Sequence[str], fingerprint: str) -> pa.Table:
    """Return the pairs that were found before in the same shards, else find them: every image is decoded for it."""
    try:
        known = twins.read(store, twins.FILE, [fingerprint])
    except DataError:  # damaged: it is written again
        known = None
    if known is not None:
        return known
    columns = ["id", "split", "video", "image"]
    parts = [pa.ipc.open_file(pa.memory_map(str(store / file))).read_all().select(columns) for file in shards]
    return equal_pairs(pa.concat_tables(parts) if parts else SCHEMA.empty_table().select(columns))


def encode_rejects(rejects: Sequence[Reject]) -> bytes:
    """Encode the rows left out as Parquet with the columns of REJECT_SCHEMA."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist([asdict(reject) for reject in rejects], schema=REJECT_SCHEMA)
    pyarrow.parquet.write_table(table, sink)
    return sink.getvalue().to_pybytes()
