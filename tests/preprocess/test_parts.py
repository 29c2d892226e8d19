"""A store that several processes write, each its part of the shards."""

import fcntl
from concurrent.futures import ThreadPoolExecutor

import pytest

from fercli.errors import DataError
from fercli.preprocess.pipeline import preprocess, preprocess_part


@pytest.fixture
def whole(make_job, tmp_path, contents):
    """The files of a store that one process wrote."""
    preprocess(make_job(), tmp_path / "whole")
    return contents(tmp_path / "whole")


def data_of(files):
    return {name: content for name, content in files.items() if not name.endswith("lock")}


def test_parts_and_a_last_process_give_the_store_of_one(make_job, tmp_path, contents, whole):
    store = tmp_path / "store"
    assert [preprocess_part(make_job(), store, part, 3) for part in (2, 1, 3)] == [1, 2, 1]
    assert "dataset.json" not in contents(store)
    assert preprocess(make_job(), store).num_written == 0
    assert data_of(contents(store)) == data_of(whole)


def test_parts_at_the_same_moment(make_job, tmp_path, contents, whole):
    store = tmp_path / "store"
    with ThreadPoolExecutor(4) as threads:
        written = list(threads.map(lambda part: preprocess_part(make_job(), store, part, 4), (1, 2, 3, 4)))
    assert written == [1, 1, 1, 1]
    preprocess(make_job(), store)
    assert data_of(contents(store)) == data_of(whole)


def test_the_last_process_does_what_a_part_left_undone(make_job, tmp_path, contents, whole):
    store = tmp_path / "store"
    preprocess_part(make_job(), store, 1, 2)
    assert preprocess(make_job(), store).num_written == 2
    assert data_of(contents(store)) == data_of(whole)


def test_a_part_again_writes_nothing(make_job, tmp_path):
    seen = []
    assert preprocess_part(make_job(), tmp_path / "store", 1, 2) == 2
    job = make_job(progress=lambda done, total: seen.append((done, total)))
    assert preprocess_part(job, tmp_path / "store", 1, 2) == 0
    assert seen[-1][0] == seen[-1][1] == seen[0][0]


def test_there_may_be_more_parts_than_shards(make_job, tmp_path):
    assert preprocess_part(make_job(), tmp_path / "store", 9, 9) == 0


def test_parts_of_other_options_are_refused(make_job, tmp_path):
    preprocess_part(make_job(options={"a": 1}), tmp_path / "store", 1, 2)
    with pytest.raises(DataError, match="was begun differently: a was 1 and is now 2"):
        preprocess_part(make_job(options={"a": 2}), tmp_path / "store", 2, 2)


def test_no_part_beside_a_process_that_writes_all(make_job, tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    with open(store / ".lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(DataError, match="another process is writing"):
            preprocess_part(make_job(), store, 1, 2)
