import json

import pytest
import typer
from typer.testing import CliRunner

from fercli.cli.ablate import ablate
from fercli.cli.cells import print_without_result
from fercli.errors import ConfigError, DataError, RunError
from tests.stores import describe

STUDY = """\
title: Losses
source: dda-dacl
table: Table 3.1
data: mnist
base: [backbone=lenets, augment=none, trainer.batch_size=8]
seeds: [0]
metrics: [accuracy]
rows:
  - {label: softmax, overrides: [method=softmax]}
"""


@pytest.fixture
def fercli(tmp_path, monkeypatch):
    """Call `ablate` in a folder that holds the study `tiny` and as much of stores as plans read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "study").mkdir(parents=True)
    (tmp_path / "conf" / "study" / "tiny.yaml").write_text(STUDY)
    for name in ("wmnist", "mnist"):
        describe(tmp_path / "stores" / name, name=name, fingerprint=name)
    app = typer.Typer()
    app.command()(ablate)

    def call(*arguments):
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def test_the_plan_says_what_would_run_and_where(fercli):
    lines = fercli("dda_dacl/table_3_1", "--seeds", "0..1", "--dry-run").stdout.splitlines()
    assert lines[:6] == [
        "study    dda_dacl/table_3_1: Losses on W-MNIST (dda-dacl, Table 3.1)",
        "data     wmnist",
        "planned  7 rows x 2 seeds = 14; 14 to run",
        "cost     not known until one has run, or with --time in about 4 min",
        "launch   on this machine, as many as its devices or cores allow at a time",
        "tables   runs/studies/dda_dacl_table_3_1",
    ]
    assert lines[7].startswith("run  softmax loss                seed 1  runs/softmax_wmnist_lenets_")
    assert len(lines) == 6 + 14


def test_the_plan_of_other_data_says_what_the_source_used(fercli):
    printed = fercli("dda_dacl/table_3_1", "--data", "mnist", "--budget", "smoke", "--dry-run").stdout
    assert "data     mnist, where the source used wmnist" in printed


def test_the_plan_as_json_has_a_command_for_each_cell(fercli):
    plan = json.loads(fercli("dda_dacl/table_3_1", "runs=elsewhere", "optimizer.lr=0.1", "--dry-run", "--json").stdout)
    assert plan["overrides"] == ["optimizer.lr=0.1"]
    assert len(plan["cells"]) == 21
    assert plan["cells"][0]["command"].startswith("fercli train data=wmnist budget=full experiment=dda_dacl/wmnist")
    assert plan["cells"][0]["run"].startswith("elsewhere/")


def test_all_lists_what_studies_lack(fercli, monkeypatch):
    monkeypatch.setattr("fercli.studies.study.choices", lambda group: ["dda_dacl/table_3_1", "dda_dacl/table_3_3"])
    result = fercli("--all", "--dry-run", "--seeds", "0")
    assert result.stdout == "dda_dacl/table_3_1 on wmnist: 7 to run\n"
    assert "dda_dacl/table_3_3" not in result.stdout
    assert "not run: dda_dacl/table_3_3\n  expected 'rafdb' prepared in stores/rafdb; found none" in result.stderr
    assert result.exit_code == 0


def test_an_error_of_one_study_does_not_stop_the_others(fercli, monkeypatch):
    def collect(plan, json):
        if plan.study.name == names[0]:
            raise RunError("it is\nwrong")
        return plan.no_such_fact

    names = ["dda_dacl/table_3_1", "dda_dacl/gamma_sweep_wmnist"]
    monkeypatch.setattr("fercli.studies.study.choices", lambda group: names)
    monkeypatch.setattr("fercli.cli.launchers.collect", collect)
    monkeypatch.setattr("fercli.own_code.FERCLI", "")  # a fault of fercli, not of code of the user's own
    result = fercli("--all", "--collect", "--seeds", "0")
    assert result.exit_code == 1
    assert f"\nstopped: {names[0]}\n  it is\n" in result.stderr
    assert f"\nstopped: {names[1]}\n  AttributeError: 'Plan' object has no attribute 'no_such_fact'" in result.stderr
    assert result.stderr.count("Traceback") == 1
    assert result.stdout.splitlines()[-1] == "runs/studies/index.html"


def test_studies_that_lack_the_same_are_named_together(capsys):
    print_without_result("not run", {"a": "no store", "b": "other", "c": "no store"})
    assert capsys.readouterr().err == "\nnot run: a, c\n  no store\n\nnot run: b\n  other\n"


def test_all_includes_the_users_own_studies(fercli, monkeypatch):
    monkeypatch.setattr("fercli.studies.study.choices", lambda group: ["dda_dacl/table_3_1"])
    printed = fercli("--all", "--dry-run", "--seeds", "0", "--config-dir", "conf").stdout
    assert [line.partition(" on ")[0] for line in printed.splitlines()] == ["dda_dacl/table_3_1", "tiny"]


@pytest.mark.parametrize("arguments", [(), ("runs=r",), ("--all", "dda_dacl/table_3_1")])
def test_one_study_or_all(fercli, arguments):
    with pytest.raises(ConfigError, match="expected the name of one study, or --all"):
        fercli(*arguments)


def test_a_data_set_without_reader_is_one_clear_message(fercli):
    with pytest.raises(ConfigError, match=r"no data named 'afectnet'; did you mean 'affectnet'\? the nearest of "):
        fercli("dda_dacl/table_3_4", "--data", "afectnet", "--dry-run")


def test_a_missing_store_is_one_clear_message(fercli):
    with pytest.raises(DataError, match=r"fercli preprocess data=synthetic store=stores/synthetic"):
        fercli("dda_dacl/table_3_1", "--data", "synthetic")


def test_a_failed_training_is_shown_with_its_log_and_command(fercli):
    result = fercli("tiny", "--config-dir", "conf")  # the store has a description but no rows
    assert result.exit_code == 1
    assert "failed: softmax, seed 0" in result.stderr
    (log,) = result.stderr.partition("whole log: ")[2].splitlines()[:1]
    assert (cause := result.stderr.partition("  | ")[2].splitlines()[0])
    with open(log) as file:
        assert cause in file.read()
    assert "to run it again:\n  fercli train data=mnist budget=full backbone=lenets" in result.stderr
    assert "--config-dir conf" in result.stderr
    assert result.stdout.splitlines()[-1] == "runs/studies/tiny/report.html"


def test_all_ends_with_one_page_for_all_studies(fercli, tmp_path, monkeypatch):
    names = ["dda_dacl/table_3_1", "dda_dacl/table_3_3"]
    monkeypatch.setattr("fercli.studies.study.choices", lambda group: names)
    result = fercli("--all", "--collect", "--seeds", "0", "runs=elsewhere")
    assert result.stdout.splitlines()[-1] == "elsewhere/studies/index.html"
    page = (tmp_path / "elsewhere" / "studies" / "index.html").read_text()
    assert '<a href="dda_dacl_table_3_1/report.html">dda_dacl/table_3_1</a>' in page
    assert "expected &#39;rafdb&#39; prepared in stores/rafdb; found none" in page
