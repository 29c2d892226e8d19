"""`fercli ablate --search`: with trainings that are a function of the options, and once with real ones."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fercli.launch.report import Finished
from fercli.protocol import TRIAL
from fercli.runs.collect import collect
from fercli.runs.folder import RunFolder
from tests.fixtures.searches import SEARCHED, FunctionLauncher
from tests.stores import describe

pytest.importorskip("optuna", reason="optuna is an optional extra: pip install fercli[search]")

SEARCH = ("ablate", "small", "--config-dir", "conf", "--search")
FUNCTION = "{_target_: tests.fixtures.searches.FunctionLauncher}"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder to work in, with a study to search, a launcher, and as much of its store as plans read."""
    monkeypatch.chdir(tmp_path)
    for name, content in (("study/small", json.dumps(SEARCHED)), ("launcher/function", FUNCTION)):
        file = tmp_path / "conf" / f"{name}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(content)
    counts = {"train": {"fear": 1}, "test": {"fear": 1}}
    describe(tmp_path / "stores" / "rafdb", name="rafdb", fingerprint="fingerprint of rafdb", counts=counts)
    return tmp_path


def test_what_a_search_would_do(shell):
    lines = dict(line.split("  ", 1) for line in shell(*SEARCH, "--trials", "5", "--dry-run").out.splitlines())
    said = {label: words.strip() for label, words in lines.items()}
    assert said["options"] == "optimizer.lr: 0.001 to 0.1 (log); trainer.batch_size: 64, 128, 256"
    assert said["objective"].startswith("accuracy on held-out rows of the training split, mean over seeds 0, 1; higher")
    assert said["trials"] == "none yet"
    assert said["budget"] == "5 trials"
    assert not Path(said["folder"]).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*SEARCH,), "a search needs a budget: --trials 20, or --hours 2, or both"),
        (("ablate", "small", "--trials", "3"), "expected --row, --trials and --hours together with --search"),
        ((*SEARCH, "--trials", "3", "--collect"), "expected --search for one study, alone or with --dry-run"),
        ((*SEARCH, "--trials", "3", "selection=paper"), "leaves no validation rows to search on"),
    ],
)
def test_what_does_not_go_together(shell, arguments, message):
    outcome = shell(*arguments)
    assert outcome.status == 2
    assert message in outcome.err


def test_a_search_reports_fresh_seeds_alone(shell, place):
    outcome = shell(*SEARCH, "--trials", "6", "launcher=function")
    assert outcome.status == 0, outcome.err
    page = place / outcome.out.splitlines()[-1]
    assert page.is_file()
    assert "options chosen by search over 6 trials x 2 seeds" in outcome.out
    assert "center, searched" in outcome.out
    assert "best so far" in outcome.err

    content = json.loads((page.parent / "table.json").read_text())
    assert {cell["seed"] for cell in content["cells"]} == {2, 3, 4}
    trials = content["search"]["trials"]
    best = max((one for one in trials if one["state"] == "finished"), key=lambda one: one["mean"])
    assert content["search"]["best"] == {"trial": best["trial"], "options": best["options"]}
    searched = [cell for cell in content["cells"] if cell["row"] == "center, searched"]
    assert all(f"optimizer.lr={best['options']['optimizer.lr']!r}" in cell["command"] for cell in searched)

    with (page.parent / "trials.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["trial"]) for row in rows] == [*range(6)]
    assert [float(row["mean"]) for row in rows] == [one["mean"] for one in trials]
    assert all(f">{name}</h2>" in page.read_text() for name in ("Search", "How the search went", "Trials"))
    assert {file.stem for file in (page.parent / "figures").iterdir()} >= {"search_history", "search_options"}

    again = json.loads(shell(*SEARCH, "--trials", "6", "launcher=function", "--json").out)
    assert again["search"] == content["search"]
    assert again["report"] == outcome.out.splitlines()[-1]

    found = collect(place / "runs")
    assert set(found.runs["seed"]) == {2, 3, 4}
    assert {left.reason for left in found.left_out} == {TRIAL}
    assert {*found.runs["options"]} == {"", "search over 6 trials x 2 seeds"}


def test_a_search_in_which_nothing_finishes_says_where_to_look(shell, place):
    (place / "conf/launcher/function.yaml").write_text("{_target_: tests.cli.test_search.Failing}")
    outcome = shell(*SEARCH, "--trials", "2", "launcher=function")
    assert outcome.status != 0
    assert "none of 2 trials has finished, so there is nothing to report" in outcome.err
    assert "FAILED (exit status 1)" in outcome.err


class Failing:
    """Every training fails."""

    def run_cells(self, plan, jobs, report):
        for cell in plan.missing:
            report.ended(Finished(cell, 1, 1.0, ("error: no luck",)))


class Here(FunctionLauncher):
    """Runs the real commands of trials in this process; the runs of the report are written."""

    def run_cells(self, plan, jobs, report):
        from fercli.cli.app import app

        for cell in plan.missing if plan.cells[0].label.startswith("trial ") else ():
            done = CliRunner().invoke(app, [*cell.arguments, "--json"], catch_exceptions=False)
            assert done.exit_code == 0, done.output
        super().run_cells(plan, jobs, report)


def test_a_real_search(shell, place, digits):
    study = SEARCHED | {"data": "mnist", "seeds": [0], "rows": [{"label": "softmax", "overrides": ["method=softmax"]}]}
    study["base"] = ["backbone=lenets", "augment.shift=2", "trainer.max_epochs=1", "trainer.batch_size=15"]
    study["base"] += ["logger=none", "num_train_rows=45", "trainer.accelerator=cpu", "augment.size=16"]
    study["search"] = {"optimizer.lr": {"low": 0.0001, "high": 0.01, "log": True}}
    (place / "conf/study/small.yaml").write_text(json.dumps(study))
    (place / "conf/launcher/function.yaml").write_text("{_target_: tests.cli.test_search.Here}")
    outcome = shell(*SEARCH, "--trials", "2", "launcher=function", f"store={digits}", "--json")
    assert outcome.status == 0, outcome.err
    found = json.loads(outcome.out)
    assert found["search"]["fresh_seeds"] == [1, 2, 3]
    for trial in found["search"]["trials"]:
        run = RunFolder(place / trial["runs"]["0"])
        result = run.read_metrics()
        history = list(csv.DictReader((run.path / "history.csv").open()))
        value = next(float(row["val/accuracy"]) for row in history if int(row["epoch"]) == result["chosen_epoch"])
        assert trial["mean"] == pytest.approx(100 * value, rel=1e-12)
        assert f"optimizer.lr={trial['options']['optimizer.lr']!r}" in (run.path / "overrides.txt").read_text()
        assert result["protocol"]["options"] == TRIAL
