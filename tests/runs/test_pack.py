"""A pack holds what checks and repeats a run, in equal bytes for equal runs; no image, no note."""

import json
import os
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from fercli.checksums import seal
from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.runs.notes import Notes, write_notes
from fercli.runs.pack import pack, pack_name
from fercli.runs.packed import packed_runs, unpacked
from tests.stores import reseal


@pytest.fixture
def run(tmp_path, write_run):
    run = RunFolder(write_run(tmp_path / "runs"))
    run.config.write_text("seed: 0\n")
    run.weights.write_bytes(b"weights")
    origin = {"versions": {"python": "3.11.7", "torch": "2.15.0"}, "packages": {"torch": "2.15.0", "rich": "14.0"}}
    (run.path / "provenance.json").write_text(json.dumps(origin))
    (run.path / "report.html").write_text("<img>")
    (run.path / "figures").mkdir()
    (run.path / "figures" / "samples.png").write_bytes(b"faces")
    reseal(run.path)
    write_notes(run, Notes(("x",), "for me alone"))
    return run


def test_the_files_of_a_run(run, tmp_path):
    sizes = pack(run.path, tmp_path / "a.zip")
    inside = "runs/dda_x/seed0"
    files = {"SHA256SUMS", "config.yaml", "metrics.json", "provenance.json"}
    assert set(sizes) == {"pack.json", "SHA256SUMS", f"{inside}.lock", *(f"{inside}/{name}" for name in files)}
    with unpacked(tmp_path / "a.zip") as folder:
        assert packed_runs(tmp_path / "a.zip", folder) == [inside]
        assert (folder / f"{inside}.lock").read_text() == "# Python 3.11.7\nrich==14.0\ntorch==2.15.0\n"
        assert (folder / inside / "config.yaml").read_text() == "seed: 0\n"
    assert not folder.exists()
    assert f"{inside}/weights.ckpt" in pack(run.path, tmp_path / "b.zip", weights=True)


def test_equal_runs_give_equal_bytes(run, tmp_path):
    pack(run.path, tmp_path / "a.zip", weights=True)
    copy = tmp_path / "elsewhere" / "runs" / "dda_x" / "seed0"
    shutil.copytree(run.path, copy)
    for path in copy.rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(0o700)
    write_notes(RunFolder(copy), Notes(("x",), "for me alone"))
    pack(copy, tmp_path / "b.zip", weights=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_all_seeds_or_a_study(run, tmp_path, write_run):
    second = write_run(tmp_path / "runs", seed=1)
    assert sum(name.endswith("metrics.json") for name in pack(second.parent, tmp_path / "seeds.zip")) == 2
    study = tmp_path / "runs" / "studies" / "small"
    study.mkdir(parents=True)
    (study / "table.json").write_text(json.dumps({"cells": [{"result": "runs/dda_x/seed1"}]}))
    (study / "report.html").write_text("<img>")
    seal(study, ["table.json", "report.html"])
    names = pack(study, tmp_path / "study.zip")
    assert {"runs/studies/small/table.json", "runs/dda_x/seed1/metrics.json"} <= set(names)
    assert not any("report" in name or "seed0" in name for name in names)


@pytest.mark.parametrize("damage", ["changed", "gone", "unfinished", "no sums"])
def test_what_is_not_sound_is_not_packed(run, tmp_path, damage):
    if damage == "changed":
        run.config.write_text("seed: 1\n")
    elif damage == "gone":
        run.config.unlink()
    elif damage == "unfinished":
        run.metrics.unlink()
    else:
        (run.path / "SHA256SUMS").unlink()
    with pytest.raises(RunError):
        pack(run.path, tmp_path / "a.zip")
    assert not list(tmp_path.glob("*.zip"))
    assert not list(tmp_path.glob("*.part"))


def test_nothing_to_pack(tmp_path):
    with pytest.raises(RunError, match="expected a run folder, a folder with its seeds, or a study"):
        pack(tmp_path, tmp_path / "a.zip")


def test_the_usual_name(tmp_path, monkeypatch):
    assert pack_name(Path("runs/dda_x/seed0")) == "dda_x-seed0.zip"
    assert pack_name(Path("runs/dda_x/")) == "dda_x.zip"
    monkeypatch.chdir(tmp_path)
    assert pack_name(Path(".")) == f"{tmp_path.name}.zip"


def test_any_tool_can_read_it(run, tmp_path):
    pack(run.path, tmp_path / "a.zip")
    with ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    assert os.system(f"cd {tmp_path / 'out'} && sha256sum --check --strict --quiet SHA256SUMS") == 0
