import numpy as np
import pytest

from fercli.datasets.equal_images import pixels_digest
from fercli.datasets.store import Store
from fercli.datasets.twins import FILE, NEAR_FILE, pairs_table, still_valid, write
from fercli.errors import DataError
from tests.stores import describe, write_twins


@pytest.fixture
def store(tmp_path):
    return Store(write_twins(tmp_path / "store"))


def near(*pairs):
    return pairs_table([(one, other, "train", "test", "near-duplicate", 0.9, False, 0.0, 0.0) for one, other in pairs])


def test_a_finished_store_names_the_rows_with_equal_pixels(store):
    pairs = [(pair["id"], pair["twin"], pair["kind"]) for pair in store.twins.table.to_pylist()]
    assert pairs == [
        ("face00", "face40", "equal file"),
        ("face01", "face41", "equal pixels"),
        ("face38", "face39", "equal file"),
    ]
    assert [store.equal_images[i] for i in (0, 40, 1, 41, 2, 42)] == [0, 0, 1, 1, 2, 42]


def test_a_color_image_without_color_has_the_digest_of_the_gray_one():
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert pixels_digest(np.repeat(gray[..., None], 3, axis=2)) == pixels_digest(gray)
    assert len({pixels_digest(gray), pixels_digest(gray.reshape(4, 3)), pixels_digest(gray + 1)}) == 3


def test_near_twins_are_kept_while_the_store_is_the_same_and_deleted_with_its_content(store):
    write(store.path, NEAR_FILE, near(("face02", "face42")), [store.fingerprint])
    assert still_valid(store.path, store.fingerprint) == [NEAR_FILE]
    describe(store.path)
    assert Store(store.path).twins.checked == ("equal file", "equal pixels", "near-duplicate")
    describe(store.path, fingerprint="changed")
    assert not (store.path / NEAR_FILE).exists()
    assert Store(store.path).twins.checked == ("equal file", "equal pixels")


def test_a_changed_file_of_twins_is_refused_and_written_again_by_preprocessing(store):
    sound = (store.path / FILE).read_bytes()
    (store.path / FILE).write_bytes(sound[:-1] + b"x")
    with pytest.raises(DataError, match="preprocess the data set again"):
        Store(store.path).equal_images  # noqa: B018
    describe(store.path)
    assert (store.path / FILE).read_bytes() == sound


def test_a_store_of_an_earlier_fercli_has_no_twins_and_no_equal_images(store):
    (store.path / FILE).unlink()
    earlier = Store(store.path)
    assert earlier.twins is None
    assert (earlier.equal_images == np.arange(60)).all()
