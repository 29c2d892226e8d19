"""Every run folder becomes one entry, whatever lies in it."""

import json

import pytest

from fercli.runs.folder import RunFolder
from fercli.runs.listing import list_runs
from fercli.runs.notes import Notes, write_notes
from tests.faults import mutations


def test_each_state_is_an_entry(tmp_path, write_run):
    write_run(tmp_path, seed=0)
    (write_run(tmp_path, seed=1) / "metrics.json").write_text("{}")
    stopped = RunFolder(tmp_path / "dda_x" / "seed2")
    stopped.last.parent.mkdir(parents=True)
    stopped.last.touch()
    stopped.config.write_text("choices: {method: dda, data: ferplus, backbone: resnet18}\n")
    (stopped.path / "provenance.json").write_text('{"started": "2026-01-01T02:00:00+02:00"}')
    failed = RunFolder(tmp_path / "dda_x" / "seed3")
    failed.path.mkdir()
    failed.path.with_suffix(".log").write_text("error: expected finite predictions\n")
    entries = {entry.seed: entry for entry in list_runs(tmp_path)}
    assert [entries[seed].state for seed in range(4)] == ["finished", "damaged", "stopped", "failed"]
    assert entries[0].metrics["accuracy"].value == 0.8
    assert "metrics.json" in entries[1].detail
    assert entries[2].choices == {"method": "dda", "data": "ferplus", "backbone": "resnet18"}
    assert entries[2].started == "2026-01-01T00:00:00+00:00"
    assert entries[3].detail == "error: expected finite predictions"
    assert all(json.dumps(entry.document()) for entry in entries.values())
    with stopped.lock():
        assert {entry.seed: entry for entry in list_runs(tmp_path)}[2].state == "running"


def test_tags_and_studies_are_beside_the_run(tmp_path, write_run):
    run = RunFolder(write_run(tmp_path))
    write_notes(run, Notes(("baseline",), "a note"))
    study = tmp_path / "studies" / "a"
    study.mkdir(parents=True)
    (study / "table.json").write_text('{"cells": [{"result": "runs/dda_x/seed0"}]}')
    (entry,) = list_runs(tmp_path)
    assert (entry.notes.tags, entry.studies) == (("baseline",), ("a",))


@pytest.mark.parametrize("name", ["metrics.json", "provenance.json", "config.yaml", "notes.json", "SHA256SUMS"])
def test_damage_is_a_state_and_never_an_error(tmp_path, write_run, name):
    import numpy as np

    run = RunFolder(write_run(tmp_path))
    for file in ("provenance.json", "config.yaml"):
        (run.path / file).write_text('{"started": "2026-01-01", "choices": {"method": "dda"}}')
    write_notes(run, Notes(("x",)))
    sound = (run.path / name).read_bytes()
    rng = np.random.default_rng(0)
    for _, (_, content) in zip(range(40), mutations(sound, rng), strict=False):
        (run.path / name).write_bytes(content)
        (entry,) = list_runs(tmp_path)
        assert entry.state in ("finished", "damaged")
        if name == "metrics.json":
            assert entry.state == ("finished" if content == sound else "damaged")


@pytest.mark.parametrize("content", ["[]", '{"parts": 3}', '{"parts": [3]}', '{"started": 3}', '{"parts": {"a": 1}}'])
def test_a_provenance_of_any_kind_is_no_error(tmp_path, write_run, content):
    (write_run(tmp_path) / "provenance.json").write_text(content)
    assert list_runs(tmp_path)[0].started == ""
