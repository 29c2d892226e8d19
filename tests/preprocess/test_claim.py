import pytest

from fercli.errors import DataError
from fercli.preprocess.claim import claim


def test_a_store_belongs_to_one_plan(plan_of, rows, tmp_path):
    options = {"crop": {"margin": 0.1, "align": "eyes"}, "counts": {0: 5}}
    claim(tmp_path, plan_of(rows), options)
    claim(tmp_path, plan_of(rows), options)
    with pytest.raises(DataError, match=r"crop.margin was 0.1 and is now 0.2\.\n"):
        claim(tmp_path, plan_of(rows), options | {"crop": {"margin": 0.2, "align": "eyes"}})
    with pytest.raises(DataError, match="other rows"):
        claim(tmp_path, plan_of(rows[:5]), options)


def test_other_raw_data_are_noticed(plan_of, rows, tmp_path, raw):
    claim(tmp_path, plan_of(rows), {})
    (raw / "more.png").write_bytes(b"x")
    with pytest.raises(DataError, match="other raw data"):
        claim(tmp_path, plan_of(rows), {})


def test_a_folder_with_something_else_is_left_alone(plan_of, rows, tmp_path):
    (tmp_path / "dataset.json").write_text("{}")
    with pytest.raises(DataError, match="choose another store"):
        claim(tmp_path, plan_of(rows), {})
    assert [path.name for path in tmp_path.iterdir() if path.name != "raw"] == ["dataset.json"]
