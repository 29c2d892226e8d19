import pyarrow as pa
import pyarrow.parquet
import pytest

from fercli.datasets.shards import encode_rejects, finished_shard, write_shard
from fercli.datasets.store import REJECT_SCHEMA, SCHEMA
from fercli.records import Reject

ROW = {"id": "a", "split": "train", "image": b"\x89PNG", "expression": None, "votes": [1.0, 2.0], "valence": -0.5}
REJECT = Reject("b", "train", "anger", "no face found", "détail")


def test_a_shard_comes_back_as_it_was_written(tmp_path):
    info = write_shard(tmp_path, 3, [ROW], [REJECT])
    assert finished_shard(tmp_path, 3) == info
    assert (info.file, info.rows, info.rejects) == ("00003.arrow", 1, (REJECT,))
    table = pa.ipc.open_file(tmp_path / info.file).read_all()
    assert table.schema == SCHEMA
    row = table.to_pylist()[0]
    assert {name: row[name] for name in ROW} == ROW
    assert row["landmarks"] is None


def test_the_same_rows_give_the_same_bytes(tmp_path):
    assert write_shard(tmp_path, 0, [ROW] * 3, []).sha256 == write_shard(tmp_path, 1, [ROW] * 3, []).sha256
    assert (
        write_shard(tmp_path, 2, [ROW] * 2, []).sha256 != write_shard(tmp_path, 3, [ROW | {"id": "c"}] * 2, []).sha256
    )


@pytest.mark.parametrize("damage", ["flip a bit", "shorten", "delete shard", "delete companion", "shorten companion"])
def test_a_damaged_shard_is_not_finished(tmp_path, damage):
    file = tmp_path / write_shard(tmp_path, 0, [ROW] * 5, []).file
    companion = file.with_suffix(".json")
    content = file.read_bytes()
    if damage == "flip a bit":
        file.write_bytes(content[:300] + bytes([content[300] ^ 1]) + content[301:])
    elif damage == "shorten":
        file.write_bytes(content[:-8])
    elif damage == "shorten companion":
        companion.write_text(companion.read_text()[:-5])
    else:
        (file if damage == "delete shard" else companion).unlink()
    assert finished_shard(tmp_path, 0) is None


def test_rejects_open_as_parquet():
    table = pyarrow.parquet.read_table(pa.BufferReader(encode_rejects([REJECT])))
    assert table.schema.equals(REJECT_SCHEMA)
    assert table.to_pylist()[0]["detail"] == "détail"
