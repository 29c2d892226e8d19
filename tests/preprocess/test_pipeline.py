import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pyarrow.parquet
import pytest

from fercli.datasets.readers.folder import Folder
from fercli.datasets.source import Source
from fercli.datasets.store import Store
from fercli.errors import DataError
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Given, WholeImage
from fercli.preprocess.job import Job
from fercli.preprocess.pipeline import check, preprocess
from fercli.preprocess.work import Work
from fercli.records import Record, Reject
from fercli.scales import named

REMOVED = Reject("r", "test", "", "removed by the release")


def test_a_store_is_read_back(make_job, rows, raw, tmp_path):
    (raw / "4.png").write_bytes(b"")
    summary = preprocess(make_job([*rows, REMOVED], options={"crop": {"margin": 0.1}}), tmp_path / "store")
    store = Store(tmp_path / "store")
    assert (store.name, store.classes, store.splits) == (
        "listed",
        ("neutral", "happiness", "sadness"),
        ("train", "test"),
    )
    assert store.column("id").tolist() == [row.id for row in rows if row.id != "4"]
    assert store.image(4) == (raw / "5.png").read_bytes()
    assert store.meta["counts"] == summary.kept == {
        "train": {"neutral": 3, "happiness": 1, "sadness": 2},
        "test": {"neutral": 1, "happiness": 1, "sadness": 1},
    }  # fmt: skip
    assert store.meta["image"] == {"size": 48, "channels": 3}
    assert store.meta["options"] == {"crop": {"margin": 0.1}}
    assert [shard["rows"] for shard in store.meta["shards"]] == [2, 2, 2, 3]
    rejects = pyarrow.parquet.read_table(tmp_path / "store" / "rejects.parquet").to_pylist()
    assert [(reject["id"], reject["reason"]) for reject in rejects] == [
        ("r", "removed by the release"),
        ("4", "image cannot be decoded"),
    ]
    assert store.meta["num_rejects"] == {"image cannot be decoded": 1, "removed by the release": 1}


def test_the_number_of_processes_changes_nothing(make_job, tmp_path, contents, monkeypatch):
    monkeypatch.setattr("fercli.preprocess.pipeline.PART_ROWS", 2)
    for num_workers in (0, 1, 2):
        preprocess(make_job(num_workers=num_workers, crop=Crop(20)), tmp_path / str(num_workers))
    assert contents(tmp_path / "0") == contents(tmp_path / "1") == contents(tmp_path / "2")


def test_progress_counts_every_row_once(make_job, tmp_path):
    seen = []
    preprocess(make_job(progress=lambda done, total: seen.append((done, total))), tmp_path / "store")
    assert (seen[0], seen[-1]) == ((0, 10), (10, 10))
    assert seen == sorted(seen)


def test_a_finished_store_is_left_alone(make_job, tmp_path, contents):
    first = preprocess(make_job(), tmp_path / "store")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*.*") if path.name != ".lock"}
    again = preprocess(make_job(), tmp_path / "store")
    assert (first.num_written, again.num_written) == (4, 0)
    assert (again.kept, again.rejects) == (first.kept, first.rejects)
    assert {path: path.stat().st_mtime_ns for path in times} == times


@pytest.mark.parametrize(
    "name", ["shards/00001.arrow", "shards/00001.json", "dataset.json", "rejects.parquet"], ids=str
)
@pytest.mark.parametrize("damage", ["delete", "shorten"])
def test_a_damaged_store_is_repaired(make_job, tmp_path, contents, name, damage):
    store = tmp_path / "store"
    preprocess(make_job(), store)
    whole = contents(store)
    (store / name).write_bytes(whole[name][:-9])
    if damage == "delete":
        (store / name).unlink()
    summary = preprocess(make_job(), store)
    assert contents(store) == whole
    assert summary.num_written == (1 if name.startswith("shards") else 0)


def test_the_fingerprint_is_of_the_content(make_job, rows, tmp_path):
    def fingerprint(name, **options):
        preprocess(make_job(**options), tmp_path / name)
        return Store(tmp_path / name).fingerprint

    assert fingerprint("a") == fingerprint("elsewhere/b")
    assert fingerprint("c", rows=rows[:-1]) != fingerprint("a")
    assert fingerprint("d", crop=Crop(20)) != fingerprint("a")


def test_a_full_disk_keeps_finished_shards(make_job, tmp_path, monkeypatch, contents):
    store, sync, calls = tmp_path / "store", os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) > 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr("fercli.files.os.fsync", full)
        with pytest.raises(DataError, match=r"cannot write to .*No space left on device.*same command again"):
            preprocess(make_job(), store)
    assert sorted(contents(store)) == [".lock", "plan.json", "shards/00000.arrow", "shards/00000.json",
                                       "shards/00001.arrow", "shards/00001.json"]  # fmt: skip
    with pytest.raises(DataError, match="run the same preprocess command again"):
        Store(store)
    assert preprocess(make_job(), store).num_written == 2


KILLED = """
import sys, time
from pathlib import Path
from fercli.datasets.readers.folder import Folder
from fercli.datasets.source import Source
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import WholeImage
from fercli.preprocess.job import Job
from fercli.preprocess.pipeline import preprocess
from fercli.preprocess.work import Work

class Slow(WholeImage):
    def find(self, images, records):
        time.sleep(0.5)
        return super().find(images, records)

if __name__ == "__main__":
    job = Job("x", Folder(), Work(Source(sys.argv[1]), Slow(), Crop(20)), shard_rows=1, num_workers=int(sys.argv[3]))
    preprocess(job, Path(sys.argv[2]))
"""


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_killed_run_continues_to_the_same_store(raw, tmp_path, contents, num_workers):
    (raw / "train" / "fear").mkdir(parents=True)
    for image in raw.glob("*.png"):
        image.rename(raw / "train" / "fear" / image.name)
    job = Job("x", Folder(), Work(Source(raw), WholeImage(), Crop(20)), shard_rows=1)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    preprocess(job, whole)

    (tmp_path / "killed.py").write_text(KILLED)
    process = subprocess.Popen([sys.executable, tmp_path / "killed.py", raw, killed, str(num_workers)])
    while len(list(killed.glob("shards/*.json"))) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in killed.glob("shards/*.json")}
    assert 2 <= len(done) < 10
    assert not (killed / "dataset.json").exists()

    (killed / "shards" / "00009.arrow.1234.part").write_bytes(b"half")
    preprocess(job, killed)
    assert contents(killed) == contents(whole)
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


def test_two_processes_cannot_write_one_store(make_job, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    with open(store / ".lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="another process is writing"):
            preprocess(make_job(), store)
    preprocess(make_job(), store)


def test_a_folder_that_cannot_be_written(make_job, raw):
    with pytest.raises(DataError, match="cannot write to"):
        preprocess(make_job(), raw / "0.png" / "store")


def test_other_options_are_refused(make_job, tmp_path):
    preprocess(make_job(options={"size": 48}), tmp_path / "store")
    with pytest.raises(DataError, match="size was 48 and is now 64"):
        preprocess(make_job(options={"size": 64}), tmp_path / "store")


def test_no_row_from_the_reader(make_job, tmp_path):
    with pytest.raises(DataError, match=r"removed by the release \(2, such as "):
        preprocess(make_job([REMOVED, REMOVED]), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_no_face_at_all_leaves_room_for_another_try(make_job, tmp_path):
    with pytest.raises(DataError, match=r"no face given \(10, such as "):
        preprocess(make_job(detector=Given()), tmp_path / "store")
    assert preprocess(make_job(options={"detector": "none"}), tmp_path / "store").num_rows == 10


def test_check_writes_nothing_and_gives_the_same_account(make_job, rows, raw, tmp_path):
    (raw / "4.png").write_bytes(b"")
    job = make_job([*rows, Record("m", "test", "missing.png"), REMOVED])
    before = sorted(tmp_path.rglob("*"))
    checked = check(job)
    assert sorted(tmp_path.rglob("*")) == before
    written = preprocess(job, tmp_path / "store")
    assert (checked.kept, sorted(checked.rejects, key=str)) == (written.kept, sorted(written.rejects, key=str))


def test_the_store_says_what_the_yaml_says_of_its_protocol_and_what_is_null_is_left_out(make_job, tmp_path):
    said = {"dataset": "RAF-DB", "split_rule": "official", "labels": None}
    preprocess(make_job(protocol=said), tmp_path / "store")
    description = json.loads((tmp_path / "store" / "dataset.json").read_text())
    assert description["protocol"] == {"dataset": "RAF-DB", "split_rule": "official"}


def test_a_store_that_does_not_say_its_protocol_gains_it_by_the_same_command(make_job, tmp_path):
    preprocess(make_job(), tmp_path / "store")
    fingerprint = json.loads((tmp_path / "store" / "dataset.json").read_text())["fingerprint"]
    summary = preprocess(make_job(protocol={"dataset": "RAF-DB"}), tmp_path / "store")
    description = json.loads((tmp_path / "store" / "dataset.json").read_text())
    assert (summary.num_written, description["fingerprint"]) == (0, fingerprint)
    assert description["protocol"] == {"dataset": "RAF-DB"}


def test_the_description_names_no_place_and_no_time(make_job, tmp_path):
    preprocess(make_job(), tmp_path / "store")
    description = json.loads((tmp_path / "store" / "dataset.json").read_text())
    assert str(tmp_path) not in json.dumps(description)
    assert set(description) == {
        "schema", "name", "title", "licence", "classes", "image", "rows", "counts", "num_rejects", "options",
        "protocol", "shards", "source", "fercli", "fingerprint",
    }  # fmt: skip


def test_a_store_with_scores_records_their_scale_and_another_store_does_not(make_job, rows, tmp_path):
    scored = [replace(row, score=float(3 * i)) for i, row in enumerate(rows)]
    preprocess(make_job(rows), tmp_path / "plain")
    assert "scale" not in Store(tmp_path / "plain").meta["options"]
    summary = preprocess(make_job(scored, scale=named("phq8")), tmp_path / "scored")
    store = Store(tmp_path / "scored")
    assert summary.reasons == {"value out of range": 1}  # 27 of at most 24 points
    assert (store.scale, store.meta["protocol"]) == (named("phq8"), {"labels": "PHQ-8 score"})
    with pytest.raises(DataError, match=r"was begun differently: .*scale"):
        preprocess(make_job(scored, scale=named("phq9")), tmp_path / "scored")
