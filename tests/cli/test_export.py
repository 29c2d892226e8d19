"""What `fercli export` asks for and prints; the page of the book runs it, and tests/export looks at what it writes."""

import json
from pathlib import Path

import pytest

from fercli.export import folder as module
from fercli.export.folder import FORMATS, ExportedRun


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """The calls of the work, which is not done; `run/seed0` is a run folder."""
    (tmp_path / "run" / "seed0").mkdir(parents=True)
    (tmp_path / "run" / "seed0" / "config.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    found = []

    def work(run, target, formats, **options):
        found.append((run.path, target, formats, options["store"]))
        return ExportedRun({"model.onnx": 44_723_970, "model.json": 1900}, {"model.onnx": 2.94e-7}, 200)

    monkeypatch.setattr(module, "export", work)
    return found


def test_all_formats_are_written_and_the_largest_difference_is_printed(shell, calls):
    printed = shell("export", "run/seed0")
    assert calls == [(Path("run/seed0"), Path("exports/run-seed0"), [*FORMATS], None)]
    assert (printed.status, printed.out) == (0, "exports/run-seed0\n")
    assert "model.onnx  45 MB, opset 18\nmodel.json  1.9 kB\n" in printed.err
    assert "model.onnx: largest difference from the run 2.9e-07 on 200 evaluated samples" in printed.err


def test_the_page_needs_the_onnx_file_and_the_package(refused, calls):
    assert refused("export", "run/seed0", "--browser", ".", "--format", "torch").endswith("add --format onnx")
    found = refused("export", "run/seed0", "--browser", ".")
    assert found.startswith("expected the npm package onnxruntime-web in ., found no package.json; npm install")
    assert calls == []


def test_a_script_reads_json(shell, calls):
    printed = shell("export", "run/seed0", "--json", "--format", "onnx", "--output", "x", "--store", "moved")
    assert calls == [(Path("run/seed0"), Path("x"), ["onnx"], Path("moved"))]
    assert json.loads(printed.out) == {
        "export": "x",
        "files": {"model.onnx": 44_723_970, "model.json": 1900},
        "samples": 200,
        "largest_difference": {"model.onnx": 2.94e-7},
    }


def test_what_cannot_be_done_is_said_before_the_work(refused, calls, monkeypatch):
    assert refused("export", "run").startswith("expected a run folder with a config.yaml in run")
    assert refused("export", "run/seed0", "--format", "onxx").startswith("no format named 'onxx'; did you mean 'onnx'?")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert (
        refused("export", "run/seed0") == "an ONNX file needs onnx, which is not installed; pip install fercli[export]"
    )
    assert calls == []
