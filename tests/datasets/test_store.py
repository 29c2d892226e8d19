import numpy as np
import pytest

from fercli.datasets.store import Store
from fercli.errors import DataError
from fercli.fields import SCHEMA_VERSION
from fercli.scales import BDI_II, named
from tests.stores import describe

ROWS = [
    {"split": "test", "expression": "1", "valence": -0.5, "subject": "ann"},
    {"split": "train", "expression": "0"},
    {"split": "train", "expression": None, "age": 31.0},
    {"split": "train", "expression": "1"},
    {"split": "test", "expression": "0"},
]


@pytest.fixture
def store(write_store):
    return write_store(ROWS, classes=("1", "0"), num_shards=2)


def test_rows_of_all_shards_come_in_order(store):
    assert len(store) == 5
    assert store.column("id").tolist() == ["row0", "row1", "row2", "row3", "row4"]
    assert store.rows("train").tolist() == [1, 2, 3]
    assert store.rows("test").tolist() == [0, 4]
    assert store.rows("val").tolist() == []
    assert store.splits == ("train", "test")


def test_labels_follow_the_order_of_the_classes(store):
    assert store.classes == ("1", "0")
    assert store.labels.tolist() == [0, 1, -1, 0, 1]
    assert store.labels.dtype == np.int64


def test_people_and_sittings_are_numbered(write_store):
    rows = [
        {"subject": name, "session": sitting} for name, sitting in (("b", "2"), ("a", "1"), (None, None), ("b", "1"))
    ]
    store = write_store([ROWS[0] | row for row in rows])
    assert store.subjects.tolist() == [1, 0, -1, 1]
    assert store.sessions.tolist() == [1, 0, -1, 0]


def test_what_is_missing_is_none_or_nan(store):
    assert store.column("subject").tolist() == ["ann", None, None, None, None]
    np.testing.assert_array_equal(store.column("valence"), [-0.5, *[np.nan] * 4])
    np.testing.assert_array_equal(store.column("age"), [np.nan, np.nan, 31, np.nan, np.nan])


def test_images_are_the_bytes_that_were_written(store):
    images = [store.image(row) for row in range(5)]
    assert all(image.startswith(b"\x89PNG") for image in images)
    assert len(set(images)) == 5


def test_a_folder_that_is_no_store_comes_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(DataError, match=r"found none.\nMake one with: fercli preprocess data=<name>"):
        Store(tmp_path)


def test_an_unfinished_store_says_how_to_complete_it(store):
    (store.path / "dataset.json").unlink()
    with pytest.raises(DataError, match=r"an unfinished one .run the same preprocess command again"):
        Store(store.path)


def test_a_store_of_another_version_is_refused(store):
    describe(store.path, schema=99)
    with pytest.raises(DataError, match=f"has schema 99; this fercli reads {SCHEMA_VERSION}"):
        Store(store.path)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "overwritten"])
def test_a_damaged_shard_is_named(store, damage):
    shard = store.path / "shards" / "00001.arrow"
    content = shard.read_bytes()
    shard.unlink()
    if damage != "missing":
        shard.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "overwritten": b"x" * 999}[damage])
    with pytest.raises(DataError, match=r"00001.arrow is (missing|damaged).*preprocess the data set again"):
        len(Store(store.path))


def test_a_damaged_description_is_one_clear_message(store):
    (store.path / "dataset.json").write_text('{"schema": 3, ')
    with pytest.raises(DataError, match=r"dataset.json is damaged or was changed by hand.*; preprocess the data set"):
        Store(store.path)


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "", ".", "a b", "x\n"])
def test_a_name_that_would_lead_out_of_a_folder_is_refused(store, name):
    describe(store.path, name=name)
    with pytest.raises(DataError, match="expected letters, digits, _ and -"):
        Store(store.path)


@pytest.mark.parametrize("file", ["dataset.json", "shards/00000.arrow"])
def test_any_flipped_bit_is_found_before_a_number_is_made_of_it(store, file):
    path, rng = store.path / file, np.random.default_rng(0)
    sound = path.read_bytes()
    for place in rng.integers(8 * len(sound), size=40):
        damaged = bytearray(sound)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=f"{path.name} is damaged or was changed by hand"):
            len(Store(store.path))


def test_a_shard_of_wild_bytes_ends_no_process_though_its_sum_is_right(store):
    """Arrow reads where offsets lead, also out of the file. What it still makes rows of has as many as before."""
    shard = store.path / "shards" / "00000.arrow"
    content, num_rows, num_refused = bytearray(shard.read_bytes()), len(store), 0
    for place in np.random.default_rng(0).integers(len(content), size=(40, 20)):
        damaged = bytearray(content)
        for byte in place:
            damaged[byte] ^= 0xFF
        shard.write_bytes(damaged)
        describe(store.path)
        try:
            opened = Store(store.path)
            assert len([opened.image(row) for row in range(len(opened))]) == num_rows
        except DataError:
            num_refused += 1
    assert num_refused >= 20


def test_the_scale_of_the_scores_is_what_the_store_records(store):
    assert Store(store.path).scale == BDI_II
    describe(store.path, options={"scale": named("phq8").document()})
    assert Store(store.path).scale == named("phq8")
    describe(store.path, options={"scale": {"name": "PHQ-8", "high": "24"}})
    with pytest.raises(DataError, match=r"dataset\.json is damaged: expected scale\.high as a whole number"):
        assert Store(store.path).scale
