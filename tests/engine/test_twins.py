import numpy as np
import pytest

from fercli.audit.audit import audit
from fercli.datasets.store import Store
from fercli.engine.twins import twins_within
from tests.stores import write_twins

TRAIN, TEST = np.arange(40), np.arange(40, 60)


@pytest.fixture(scope="module")
def store(once):
    return Store(once("engine-twins", lambda folder: write_twins(folder / "store")) / "store")


def test_equal_images_count_before_an_audit_and_near_ones_after_it(store):
    before = twins_within(store, TEST, TRAIN)
    assert np.flatnonzero(before.has_twin).tolist() == [0, 1]
    assert "near-duplicate" not in before.checked
    after = twins_within(audit(store).store, TEST, TRAIN)
    assert np.flatnonzero(after.has_twin).tolist() == [0, 1, 2, 3, 4]
    assert "near-duplicate" in after.checked


def test_a_clip_has_a_twin_where_one_of_its_frames_has(store):
    clips = np.array([[45, 46], [47, 40], [50, 51]])
    assert twins_within(store, clips, TRAIN).has_twin.tolist() == [False, True, False]


def test_training_rows_and_stores_without_a_record_say_nothing(store, tmp_path):
    assert twins_within(store, TRAIN, TRAIN) is None
    other = write_twins(tmp_path / "earlier")
    (other / "twins.parquet").unlink()
    assert twins_within(Store(other), TEST, TRAIN) is None
