"""Runs with names that others chose are collected as they are, and lead nowhere else."""

import json
import shutil

from hypothesis import given

from fercli.runs.collect import collect
from fercli.runs.folder import RunFolder
from tests.hostile import few, file_names, texts


@few
@given(file_names, texts)
def test_a_run_of_any_name_is_collected_with_its_text(tmp_path, folder, name):
    runs = tmp_path / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    run = RunFolder(runs / folder / "seed0")
    run.path.mkdir(parents=True)
    protocol = {"dataset": name, "split": name, "classes": name}
    data = {"name": name, "fingerprint": name, "classes": [name]}
    content = {"run_id": name, "method": name, "backbone": name, "seed": 0, "protocol": protocol, "data": data}
    run.finish(content | {"num_rows": 1, "metrics": {"accuracy": {"value": 0.5}}})
    found = collect(runs)
    assert found.left_out == []
    (row,) = found.runs.to_dict("records")
    assert [row[key] for key in ("run_id", "method", "backbone", "data", "dataset")] == [name] * 5
    assert row["folder"] == str(run.path)
    assert json.loads(run.metrics.read_text("utf-8"))["run_id"] == name
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
