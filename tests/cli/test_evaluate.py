import json
import pickle
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef
from typer.testing import CliRunner

from fercli.cli.app import app
from tests.stores import describe, reseal

DIGITS = [str(digit) for digit in range(10)]


@pytest.fixture(scope="module")
def evaluated(run_path, tmp_path_factory):
    """A copy of the trained run after `fercli eval`, and what that printed."""
    run = tmp_path_factory.mktemp("evaluated") / "seed0"
    shutil.copytree(run_path, run)
    return run, CliRunner().invoke(app, ["eval", str(run)])


@pytest.fixture
def copied(run_path, tmp_path, few_figures):
    """A copy of the trained run, to be damaged."""
    return shutil.copytree(run_path, tmp_path / "run" / "seed0")


@pytest.fixture
def other_store(digits, tmp_path):
    """The digits as another data set, of two classes that a run on digits does not know."""
    store = tmp_path / "other"
    shutil.copytree(digits, store)
    return describe(store, name="other", fingerprint="another", classes=["fear", "anger"])


def predictions(folder):
    return pd.read_parquet(folder / "predictions.parquet").set_index("id")


def test_an_evaluation_ends_with_its_report(evaluated):
    run, printed = evaluated
    assert printed.exit_code == 0
    assert printed.stdout.splitlines()[-1] == str(run / "report.html")
    assert "accuracy" in printed.stdout
    assert re.fullmatch(r"evaluating .* 60/60 .*\ndrawing figures .* (\d+)/\1 .*\n", printed.stderr)  # and no note


def test_the_report_needs_no_other_file(evaluated):
    page = (evaluated[0] / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert all(found.startswith("data:image/") for found in re.findall(r'src="([^"]*)', page))
    assert not re.findall(r'<link[^>]+href="http|@import|<script[^>]+src', page)
    assert "dda on mnist, seed 0" in page


def test_every_figure_is_a_file_too(evaluated):
    figures = {path.stem: path.read_bytes() for path in (evaluated[0] / "figures").iterdir()}
    assert (evaluated[0] / "report.html").read_text().count("<figure") == len(figures)
    assert {"training_curves", "confusion_matrix", "reliability", "samples", "features", "grad_cam"} <= figures.keys()
    assert all(content.startswith(b"\x89PNG") and len(content) > 5000 for content in figures.values())


def test_predictions_have_the_documented_columns(evaluated, digits):
    found = predictions(evaluated[0])
    assert list(found) == ["split", "expression", "predicted", *(f"prob_{digit}" for digit in DIGITS), "has_twin"]
    assert len(found) == found.index.nunique() == 60
    assert set(found["split"]) == {"test"}
    np.testing.assert_allclose(found.filter(like="prob_").sum(axis=1), 1, rtol=1e-12)
    assert (found["predicted"] == found.filter(like="prob_").idxmax(axis=1).str.removeprefix("prob_")).all()


def test_metrics_can_be_recomputed_from_the_predictions(evaluated):
    run, _ = evaluated
    found, metrics = predictions(run), json.loads((run / "metrics.json").read_text())["metrics"]
    true, predicted = found["expression"], found["predicted"]
    expected = {
        "accuracy": (true == predicted).mean(),
        "mean_class_accuracy": balanced_accuracy_score(true, predicted),
        "macro_f1": f1_score(true, predicted, average="macro", labels=DIGITS, zero_division=0),
        "mcc": matthews_corrcoef(true, predicted),
    }
    for name, value in expected.items():
        assert metrics[name]["value"] == pytest.approx(value, rel=1e-9), name


def test_evaluating_again_adds_the_page_and_a_folder_and_changes_no_file(evaluated, run_path):
    run, _ = evaluated
    before = {path.name for path in Path(run_path).iterdir()}
    assert {path.name for path in run.iterdir()} - before == {"eval", "figures", "report.html"}
    for name in (
        "config.yaml",
        "history.csv",
        "metrics.json",
        "predictions.parquet",
        "provenance.json",
        "weights.ckpt",
    ):
        assert (run / name).read_bytes() == (Path(run_path) / name).read_bytes(), name
    (again,) = (run / "eval").iterdir()
    pd.testing.assert_frame_equal(predictions(again), predictions(run))


def test_where_the_numbers_are_others_now_the_tables_keep_theirs_and_a_note_says_so(shell, copied):
    recorded = json.loads((copied / "metrics.json").read_text())
    now = recorded["metrics"]["accuracy"]["value"]
    recorded["metrics"]["accuracy"]["value"] = 0.125
    reseal(copied, **recorded)
    outcome = shell("eval", copied, "--json")
    assert f"note: accuracy is now {now:.6g}; tables show 0.125, the value when the run ended\n" in outcome.err
    assert json.loads(outcome.out)["metrics"]["accuracy"]["value"] == now
    assert json.loads((copied / "metrics.json").read_text()) == recorded
    assert "12.5" in (copied / "report.html").read_text()


def test_a_device_that_is_not_there_is_refused(refused, copied):
    assert refused("eval", copied, "--device", "abacus").startswith("no device 'abacus': ")


@pytest.mark.parametrize("name", ["provenance.json", "history.csv"])
def test_a_run_without_one_of_its_files_is_one_sentence(refused, copied, name):
    (copied / name).unlink()
    message = refused("eval", copied)
    assert f"{copied / name} " in message
    assert "put it back from a copy" in message
    assert "\n" not in message


def test_another_split_goes_to_a_folder_of_its_own(shell, copied):
    result = json.loads(shell("eval", copied, "--split", "train", "--json").out)
    (folder,) = (copied / "eval").glob("mnist-train-*")
    assert result["run"] == str(copied)
    assert result["report"] == str(folder / "report.html")
    assert result["metrics"] == json.loads((folder / "metrics.json").read_text())["metrics"]
    assert result["num_rows"] == len(predictions(folder)) == 300
    assert set(predictions(copied)["split"]) == {"test"}


def test_classes_without_one_in_common_are_refused(refused, copied, other_store):
    assert "no class in common" in refused("eval", copied, "--store", other_store)


def test_a_split_that_is_not_there_is_refused(refused, copied):
    assert refused("eval", copied, "--split", "val").endswith("has no rows in split 'val'; it has train, test")


def test_a_wrong_request_is_refused_before_any_store_is_evaluated(refused, copied, other_store, tmp_path):
    two = ("--store", str(other_store), "--store", str(tmp_path / "nowhere"))
    for wrong in (two, (*two[:2], "--embedding", "pca"), (*two[:2], "--cutoff", "14"), (*two[:2], "--by", "gendr")):
        refused("eval", copied, *wrong)
        assert not (copied / "eval").exists()


def test_a_store_that_changed_since_is_refused(refused, copied, other_store):
    config = yaml.safe_load((copied / "config.yaml").read_text())
    config["store"] = str(other_store)
    (copied / "config.yaml").write_text(yaml.safe_dump(config))
    reseal(copied)
    assert "has changed since the run was trained; name a store with --store" in refused("eval", copied)


def test_a_configuration_of_foreign_code_must_be_trusted(refused, copied):
    config = yaml.safe_load((copied / "config.yaml").read_text())
    config["head"] = {"_target_": "timm.layers.Linear", "in_features": 96, "out_features": 8}
    (copied / "config.yaml").write_text(yaml.safe_dump(config))
    reseal(copied)
    message = refused("eval", copied)
    assert "asks to run code outside the parts that fercli builds experiments from: timm.layers.Linear." in message
    assert "--trust-config" in message
    assert "weights.ckpt cannot be used" in refused("eval", copied, "--trust-config")  # built, of another size


def damage(content):
    def change(run):
        (run / "weights.ckpt").write_bytes(content)
        reseal(run)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (damage(b"no zip"), "weights.ckpt is damaged: expected a checkpoint of fercli"),
        (damage(b""), "weights.ckpt is damaged: expected a checkpoint of fercli"),
        (lambda run: (run / "weights.ckpt").unlink(), "weights.ckpt is missing"),
        (lambda run: (run / "metrics.json").unlink(), "is not finished; the command that started it continues it"),
        (lambda run: (run / "config.yaml").unlink(), "expected a run folder with a config.yaml"),
        (lambda run: (run / "config.yaml").write_text("head: ["), "config.yaml is damaged or was changed by hand"),
        (lambda run: (run / "metrics.json").write_text('{"data"'), "metrics.json is damaged or was changed by hand"),
        (lambda run: (run / "SHA256SUMS").unlink(), "SHA256SUMS is missing, which says whether the files beside it"),
        (lambda run: (run / "SHA256SUMS").write_text("x"), "SHA256SUMS is damaged"),
    ],
)
def test_a_damaged_run_is_one_message(refused, copied, change, message):
    change(copied)
    assert message in refused("eval", copied)


def test_a_checkpoint_that_carries_code_is_refused_and_not_run(refused, copied, tmp_path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "evil",)

    damage(pickle.dumps({"state_dict": Evil()}))(copied)
    assert "weights.ckpt is damaged: expected a checkpoint of fercli" in refused("eval", copied)
    assert not (tmp_path / "evil").exists()


def test_a_checkpoint_of_another_network_is_refused(refused, copied):
    config = yaml.safe_load((copied / "config.yaml").read_text())
    config["head"]["num_classes"] = 8
    (copied / "config.yaml").write_text(yaml.safe_dump(config))
    reseal(copied)
    assert "weights.ckpt cannot be used: " in refused("eval", copied)


def test_a_folder_above_a_run_names_the_run(refused, copied):
    assert refused("eval", copied.parent).endswith(f"it holds the runs {copied}")


def test_a_classifier_on_the_features_has_a_page_and_numbers_of_its_own(shell, copied):
    outcome = shell("eval", copied, "--classifier", "svm", "C=10", "--json")
    (folder,) = (copied / "eval").glob("mnist-test-*-svm_*")
    result = json.loads(outcome.out)
    assert result["report"] == str(folder / "report.html")
    assert result["classifier"]["options"]["C"] == 10
    assert result["metrics"] == json.loads((folder / "metrics.json").read_text())["metrics"]
    page = (folder / "report.html").read_text()
    assert "dda on mnist, svm, seed 0" in page
    assert result["classifier"]["about"] in page
    assert not (copied / "report.html").exists()


def test_a_classifier_of_the_users_own_folder(shell, copied, tmp_path):
    (tmp_path / "conf" / "classifier").mkdir(parents=True)
    text = "# Mine\n_target_: sklearn.linear_model.LogisticRegression\n_partial_: true\n"
    (tmp_path / "conf" / "classifier" / "mine.yaml").write_text(text)
    outcome = shell("eval", copied, "--classifier", "mine", "--config-dir", tmp_path / "conf")
    assert "mine (LogisticRegression) fitted to the features of" in outcome.out.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--classifier", "smv"], "no classifier named 'smv'; did you mean 'svm'?"),
        (["--classifier", "svm", "CC=1"], "no option named 'classifier.CC' in eval; "),
        (
            ["C=1"],
            "expected --classifier with C=1; `fercli list classifiers` shows them. A finished run keeps its options",
        ),
    ],
)
def test_what_is_wrong_with_a_classifier_is_one_message(refused, copied, arguments, message):
    assert message in refused("eval", copied, *arguments)


@pytest.mark.parametrize("rest", [[], ["--classifier", "svm", "C=1"]])
def test_a_pattern_that_matches_several_runs_is_one_message(refused, copied, tmp_path, rest):
    other = shutil.copytree(copied, tmp_path / "other" / "seed0")
    assert f"expected one run; found 2: {copied}, {other}. Give the whole name of one" in refused(
        "eval", copied, other, *rest
    ).replace("\n", " ")
