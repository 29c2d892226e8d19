import numpy as np
import pytest

from fercli.audit.audit import audit
from fercli.datasets.store import Store
from fercli.engine.twins import twins_between, twins_within, without_twins
from fercli.metrics.bootstrap import bootstrap_intervals
from tests.stores import describe, write_twins

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


def test_between_two_stores_equal_images_count_and_near_ones_after_an_audit_in_either_direction(tmp_path):
    one, other = (Store(write_twins(tmp_path / name)) for name in ("one", "other"))
    other = Store(describe(other.path, name="other", fingerprint="elsewhere"))
    before = twins_between(other, np.array([0, 40, 43, 55]), one)
    assert before.has_twin.tolist() == [True, True, False, False]  # 43 is a training image, mirrored and shifted
    assert "near-duplicate" not in before.checked
    audit(one, other)
    found = twins_between(other, np.array([0, 40, 43, 55]), one).has_twin.tolist()
    assert found[:3] == [True, True, True]  # 55 is a test row of both stores
    assert found[3] is False or not found[3]


def test_images_of_another_size_are_no_twins(tmp_path):
    one, other = (Store(write_twins(tmp_path / name)) for name in ("one", "other"))
    sizes = {"one": 64, "other": 48}
    one, other = (Store(describe(s.path, image={"size": sizes[s.path.name]})) for s in (one, other))
    assert not twins_between(other, TEST, one).has_twin.any()


def test_metrics_without_twins_are_those_of_the_other_rows(make_metric):
    rng = np.random.default_rng(0)
    columns = {"age": rng.normal(size=30), "has_twin": np.arange(30) < 10}
    metrics = {"mean": make_metric(lambda age: float(age.mean()), ["age"])}
    found = without_twins(metrics, columns, ("equal pixels",))
    rest = {name: column[10:] for name, column in columns.items()}
    interval = bootstrap_intervals(metrics, rest)["mean"].document()
    assert found["metrics"] == {"mean": {"value": float(rest["age"].mean())} | interval}
    assert (found["num_twins"], found["num_rows"], found["checked"]) == (10, 20, ["equal pixels"])
    none = without_twins(metrics, columns | {"has_twin": np.zeros(30, bool)}, ("equal pixels",))
    assert none["metrics"] == {}
    assert none["num_rows"] == 30
