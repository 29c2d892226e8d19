import json
import shlex
from pathlib import Path

import pytest

from fercli.errors import ConfigError
from fercli.studies.aggregate import read_results
from fercli.studies.explain import explain

ORIGIN = {
    "git": "c0ffee+",
    "versions": {"torch": "2.15.0"},
    "hardware": {"processor": "EPYC", "machine": "x86_64", "cores": 2, "threads": 1, "gpus": []},
    "data": {"name": "rafdb", "fingerprint": "f00d"},
}


@pytest.fixture
def results(small_plan, finish):
    """DDA at its first seed, which says where it comes from and that it ran on four devices."""
    cell = small_plan.cells[3]
    finish(cell, 0.87)
    (cell.run.path / "provenance.json").write_text(json.dumps(ORIGIN))
    (cell.run.path / "overrides.txt").write_text("\n".join([*cell.overrides, "trainer.devices=4"]) + "\n")
    return read_results(small_plan)


def test_a_cell_is_traced_to_run_commit_data_and_command(results):
    found = explain(results, "DDA", "accuracy")
    origin = found.origins[0]
    assert (origin.seed, origin.state, origin.value) == (0, "finished", pytest.approx(87))
    assert origin.run == str(results.plan.cells[3].run.path)
    assert (origin.commit, origin.data, origin.fingerprint) == ("c0ffee+", "rafdb", "f00d")
    assert (origin.hardware, origin.versions) == ("EPYC, 2 cores, threads: 1", {"torch": "2.15.0"})
    words = shlex.split(origin.command)
    assert words[:3] == ["fercli", "train", "data=rafdb"]
    assert words[-1] == "trainer.devices=4"


def test_a_training_that_was_continued_names_every_commit_and_machine(results):
    hardware = ORIGIN["hardware"] | {"cores": 8}
    parts = [ORIGIN, ORIGIN, {"git": "decaf", "hardware": hardware}]
    path = results.plan.cells[3].run.path / "provenance.json"
    path.write_text(json.dumps(ORIGIN | {"parts": parts}))
    origin = explain(results, "DDA", "accuracy").origins[0]
    assert (origin.commit, origin.hardware) == (
        "c0ffee+, then decaf",
        "EPYC, 2 cores, threads: 1, then EPYC, 8 cores, threads: 1",
    )


def test_the_command_repeats_elsewhere_so_that_the_run_stays(results):
    words = shlex.split(explain(results, "DDA", "accuracy").origins[0].command)
    assert [word for word in words if word.startswith("runs=")] == ["runs=repeats"]


def test_a_classifier_is_repeated_by_its_training_and_its_evaluation(fitted_plan, finish):
    finish(fitted_plan.cells[0], 0.8)
    finish(fitted_plan.cells[1], 0.82)
    (origin,) = explain(read_results(fitted_plan), "center, SVM", "accuracy").origins
    assert (origin.value, origin.run) == (pytest.approx(82), str(fitted_plan.cells[1].result.path))
    training, evaluation = origin.command.split(" && ")
    assert "runs=repeats" in shlex.split(training)
    words = shlex.split(evaluation)
    assert words[:2] == ["fercli", "eval"]
    assert words[2] == str(Path("repeats", *fitted_plan.cells[1].run.path.parts[-2:]))
    assert words[-2:] == ["--classifier", "svm"]


def test_seeds_that_did_not_run_are_named(results):
    origins = explain(results, "DDA", "accuracy").origins
    assert [(origin.seed, origin.state) for origin in origins] == [
        (0, "finished"),
        (1, "not begun"),
        (2, "not begun"),
    ]
    assert origins[1].command.startswith("fercli train data=rafdb")


def test_the_published_line_stands_beside_it(results):
    found = explain(results, "DDA", "mean class accuracy")  # the printed name of the column will do
    (line,) = found.published
    assert found.column == "mean_class_accuracy"
    assert (line["file"], line["table"], line["method"], line["value"]) == (
        "dda-dacl.csv",
        "Table 3.3",
        "DDA loss",
        79.71,
    )
    assert found.printed.endswith("published 79.71")


def test_a_quoted_row_has_no_runs(results):
    found = explain(results, "gACNN", "accuracy")
    assert found.origins == ()
    assert found.printed == "published 85.07"
    assert "quoted from the cited paper, not re-run" in found.notes


def test_what_does_not_exist_is_refused_with_the_nearest(results):
    with pytest.raises(ConfigError, match=r"no row named 'DAA' in small; did you mean 'DDA'\? choices: .*"):
        explain(results, "DAA", "accuracy")
    with pytest.raises(ConfigError, match=r"no column 'acuracy' in small; did you mean 'accuracy'\? choices: .*"):
        explain(results, "DDA", "acuracy")


def test_the_document_is_plain(results):
    content = explain(results, "DDA", "accuracy").document()
    assert json.loads(json.dumps(content))["origins"][0]["commit"] == "c0ffee+"
