import numpy as np
import pytest

from fercli.audit.audit import audit
from fercli.datasets.shards import write_shard
from fercli.datasets.store import Store
from fercli.studies.verify import verify
from tests.stores import describe, listed, write_twins

pytestmark = pytest.mark.slow  # stores are drawn and compared with themselves


def found(audited):
    return {
        (pair["id"], pair["twin"]): (pair["kind"], pair["mirrored"])
        for pair in audited.pairs.to_pylist()
        if pair["twin_split"] != pair["split"]
    }


def test_every_kind_of_twin_is_found_and_no_other_pair_between_the_splits(twins):
    assert found(twins) == {
        ("face00", "face40"): ("equal file", False),
        ("face01", "face41"): ("equal pixels", False),
        ("face02", "face42"): ("near-duplicate", False),
        ("face03", "face43"): ("near-duplicate", True),
        ("face04", "face44"): ("near-duplicate", False),
    }


def test_the_shift_of_a_twin_is_recorded_as_a_share_of_the_image(twins):
    (pair,) = [pair for pair in twins.pairs.to_pylist() if pair["mirrored"]]
    assert np.allclose([pair["down"], pair["right"]], 2 / 64, atol=0.02)


def test_two_stores_give_the_same_twins_as_one_and_the_file_names_both(tmp_path):
    one, other = (Store(write_twins(tmp_path / name)) for name in ("one", "other"))
    describe(other.path, name="other", fingerprint="elsewhere")
    between = audit(one, Store(other.path))
    pairs = found(between)
    assert len({(pair["id"], pair["twin"]) for pair in between.pairs.to_pylist()}) == between.pairs.num_rows
    assert {("face00", "face40"), ("face02", "face42"), ("face03", "face43")} <= pairs.keys()
    assert (one.path / "twins_with_other_elsewher.parquet").is_file()


def test_a_store_stays_sound_and_a_second_audit_changes_no_byte(twins):
    before = {file: file.read_bytes() for file in twins.store.path.glob("*.parquet")}
    assert {finding.state for finding in verify(twins.store.path)} == {"sound"}
    audit(Store(twins.store.path))
    assert before == {file: file.read_bytes() for file in before}


def test_frames_of_one_video_are_no_twins_but_frames_of_two_are(tmp_path):
    store = write_twins(tmp_path / "store")
    rows = Store(store).table.to_pylist()
    for i, row in enumerate(rows):
        row["video"] = "a" if i < 40 else "b"
    describe(store, shards=listed([write_shard(store / "shards", 0, rows, [])]), fingerprint="of videos")
    pairs = audit(Store(store)).pairs
    assert {(pair["split"], pair["twin_split"]) for pair in pairs.to_pylist()} == {("train", "test")}
