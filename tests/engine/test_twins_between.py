import numpy as np

from fercli.audit.audit import audit
from fercli.datasets.store import Store
from fercli.engine.twins_between import twins_between
from tests.stores import describe, write_twins


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
    assert not twins_between(other, np.arange(40, 60), one).has_twin.any()
