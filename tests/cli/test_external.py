import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from fercli.cli.app import app
from fercli.datasets.store import Store
from fercli.errors import ConfigError
from fercli.inference.external_run import evaluate_external
from tests.stores import write_twins


def call(*words):
    return CliRunner().invoke(app, ["eval", *map(str, words)])


def test_a_file_of_others_gets_numbers_a_page_and_tests_against_a_run(tmp_path):
    store = write_twins(tmp_path / "store")
    names = [f"face{i}" for i in range(41, 60)]
    for word in ("theirs", "ours"):
        frame = pd.DataFrame({"id": names, "sadness": 0.4, "happiness": 0.6})
        frame.loc[: 5 if word == "ours" else 2, ["sadness", "happiness"]] = 0.9, 0.1
        frame.to_csv(tmp_path / f"{word}.csv", index=False)
    options = ["--store", store, "--runs", tmp_path / "runs", "--json"]
    ours = evaluate_external(tmp_path / "ours.csv", Store(store), None, {}, tmp_path / "runs").run.folder
    done = call("--predictions", tmp_path / "theirs.csv", *options, "method=DAN", "--against", ours)
    found = json.loads(done.stdout)
    assert found["external"]["left_out"]["missing"] == 1
    assert {test["metric"] for test in found["tests"][str(ours)]} >= {"accuracy", "mcc"}
    assert all(test["units"] == {"subject": 15} for test in found["tests"][str(ours)])
    table = call("--predictions", tmp_path / "theirs.csv", *options[:-1], "method=DAN", "--against", ours).stdout
    assert table.count("95 % intervals are over 15 subjects") == 2  # of the numbers, and of the differences
    page = (tmp_path / "runs").glob("external_DAN_*/seed0/report.html")
    assert "Predictions of others" in next(page).read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "expected a run folder, or --predictions"),
        (["--predictions", "x.csv"], "expected --store <folder>, or --data <name>"),
        (["--predictions", "x.csv", "--data", "toy"], "expected a file of predictions"),
        (["--predictions", "x.csv", "--data", "toy", "--classifier", "svm"], "expected no --classifier"),
        (["runs/x/seed0", "--data", "toy"], "expected --predictions with --data"),
    ],
)
def test_what_does_not_go_together_is_refused(words, says):
    error = call(*words).exception
    assert isinstance(error, ConfigError)
    assert says in str(error)
