import json

import pytest

from fercli.studies.aggregate import read_results
from fercli.studies.protocol import statement

ORIGIN = {
    "versions": {"python": "3.12.1", "fercli": "0.1.0", "torch": "2.15.0", "numpy": "2.4"},
    "hardware": {"processor": "EPYC", "machine": "x86_64", "cores": 8, "threads": 4, "gpus": ["H200"]},
}


@pytest.fixture
def said(small_plan, finish):
    """The statement for two runs, of which one says where it was trained."""
    for cell in small_plan.cells[:2]:
        finish(cell, num_train_rows=11_000 + cell.seed)
    (small_plan.cells[0].run.path / "provenance.json").write_text(json.dumps(ORIGIN))
    return statement(read_results(small_plan))


def test_what_all_runs_have_in_common_is_one_sentence(said):
    assert said["source"] == "dda-dacl, Table 3.3, on rafdb"
    assert said["data"] == "rafdb, fingerprint fingerprint of rafdb"
    assert said["evaluated on"] == "3,068 test samples"
    assert said["epoch"] == "best epoch on a held-out part of the training split, by accuracy"
    assert (said["split rule"], said["classes"], said["landmarks"]) == ("official", "7", "none")
    assert said["budget"] == "full: the training as the experiment defines it"
    assert (said["pretraining"], said["labels"]) == ("ImageNet", "not said")
    assert said["crop"] == "aligned images of the release, 90 x 90 of 100 x 100"
    assert said["shared options"] == "experiment=dda_dacl/rafdb"
    assert said["seeds"] == "0, 1, 2: one training per row and seed"


def test_what_differs_is_listed_with_the_number_of_runs(said):
    assert said["trained on"] == "11,000 samples (1 run); 11,001 samples (1 run)"


def test_code_libraries_and_hardware_come_from_the_runs(said):
    assert said["code"] == "not under version control"
    assert said["libraries"] == "python 3.12.1, fercli 0.1.0, torch 2.15.0"
    assert said["hardware"] == "H200; EPYC, 8 cores, threads: 4"


def test_what_is_left_out_is_counted(said, small_plan):
    assert said["left out"] == "not begun (4 runs)" or said["left out"] == "not begun"


def test_without_runs_the_plan_is_stated(small_plan):
    said = statement(read_results(small_plan))
    assert "evaluated on" not in said
    assert said["data"].startswith("rafdb")
