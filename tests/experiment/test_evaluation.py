import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from sklearn.metrics import accuracy_score
from sklearn.svm import SVC

from fercli.config import compose, instantiate
from fercli.errors import DataError, RunError
from fercli.experiment.build import build_data
from fercli.experiment.classifier import Classifier
from fercli.experiment.evaluation import evaluate_run, score
from fercli.experiment.predict import predict
from fercli.experiment.reload import reload
from fercli.experiment.summary import constant_facts
from fercli.experiment.training import train
from fercli.metrics.affect import ccc
from fercli.metrics.classification import accuracy
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from tests.stores import describe, reseal

DIGITS = tuple(str(digit) for digit in range(10))


@pytest.fixture(scope="module")
def run(digits_config_at, tmp_path_factory):
    """A short training whose features are points of the plane."""
    return train(digits_config_at(tmp_path_factory.mktemp("evaluation"))(), [])


@pytest.fixture
def copied(run, tmp_path):
    """A copy of the run, in which a test may write."""
    return RunFolder(Path(shutil.copytree(run.path, tmp_path / "run" / "seed0")))


@pytest.fixture
def store_with(digits, tmp_path):
    """The digits as another data set: its classes in another order, or fewer, or with other names."""

    def write(*classes, **changes):
        store = tmp_path / "other"
        shutil.copytree(digits, store)
        return describe(store, **{"name": "other", "fingerprint": "another", "classes": classes} | changes)

    return write


def predictions(folder):
    return pd.read_parquet(folder / "predictions.parquet").set_index("id")


def recorded(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_features_of_the_plane_are_kept(run):
    found = predictions(run.path)
    assert list(found)[-2:] == ["feature_0", "feature_1"]
    assert found["feature_0"].nunique() > 1


def test_of_the_checkpoints_only_weights_are_left(run):
    assert not (run.path / "checkpoints").exists()
    assert set(torch.load(run.weights, weights_only=True)) == {"state_dict"}


def test_predictions_follow_from_the_features(run):
    """The classifier is linear in the feature: predictions.parquet and the checkpoint must agree."""
    _, method, _ = reload(run)
    weight, bias = (p.detach().double().numpy() for p in (method.head.weight, method.head.bias))
    found = predictions(run.path)
    scores = np.exp(found[["feature_0", "feature_1"]].to_numpy() @ weight.T + bias)
    np.testing.assert_allclose(found.filter(like="prob_"), scores / scores.sum(1, keepdims=True), rtol=1e-5)


def test_judging_again_gives_the_same_digits_beside_those_of_the_run(copied):
    before, content = predictions(copied.path), recorded(copied.path)
    (copied.path / "predictions.parquet").write_bytes(b"as it was")
    reseal(copied.path)
    judged = evaluate_run(copied)
    assert judged.folder == copied.path / "eval" / f"mnist-test-{content['data']['fingerprint'][:8]}"
    assert judged.recorded == recorded(copied.path) == content
    assert judged.result["metrics"] == recorded(judged.folder)["metrics"] == content["metrics"]
    assert judged.changed == {}
    pd.testing.assert_frame_equal(predictions(judged.folder), before)
    assert (copied.path / "predictions.parquet").read_bytes() == b"as it was"


def test_another_order_of_classes_changes_no_number(copied, store_with):
    judged = evaluate_run(copied, store_with(*DIGITS[::-1]))
    assert judged.folder == copied.path / "eval" / "other-test-another"
    assert judged.recorded is None
    pd.testing.assert_frame_equal(predictions(judged.folder), predictions(copied.path))
    assert judged.result["metrics"] == recorded(copied.path)["metrics"]
    assert judged.result["data"]["name"] == "other"
    assert judged.result["protocol"]["num_train_rows"] == 270


def test_two_preparations_of_a_data_set_lie_side_by_side(copied, store_with):
    store = store_with(*DIGITS)
    folders = []
    for fingerprint in ("12345678first", "87654321second"):
        describe(store, fingerprint=fingerprint)
        folders.append(evaluate_run(copied, store).folder.name)
    assert folders == ["other-test-12345678", "other-test-87654321"]


def test_a_classifier_is_fitted_to_the_features_of_a_finished_run(copied):
    """The features are points of the plane, so that scikit-learn can be given them as they were predicted."""
    before = {path: path.read_bytes() for path in copied.path.rglob("*") if path.is_file()}
    judged = evaluate_run(copied, classifier=Classifier.named("svm", ["C=3"]))
    assert re.fullmatch(r"mnist-test-[0-9a-f]{8}-svm_[0-9a-f]{6}", judged.folder.name)
    assert judged.recorded is None
    assert {path: path.read_bytes() for path in before} == before
    train = predictions(evaluate_run(copied, split="train").folder)[["feature_0", "feature_1", "expression"]]
    rows = judged.data.store.rows("train")
    kept = set(judged.data.store.column("id")[build_data(reload(copied)[0], judged.data.store).split.train])
    train = train.loc[[name for name in judged.data.store.column("id")[rows] if name in kept]]
    machine = SVC(C=3, gamma="auto", break_ties=True).fit(train.iloc[:, :2].to_numpy(np.float32), train["expression"])
    test = predictions(judged.folder)
    expected = machine.predict(test[["feature_0", "feature_1"]].to_numpy(np.float32))
    assert (test["predicted"] == expected).mean() > 0.95  # features of other batch sizes differ in the last digit
    about = f"svm (radial kernel, exact) fitted to the features of {len(kept)} training samples"
    assert recorded(judged.folder)["classifier"]["about"] == about
    assert recorded(judged.folder)["metrics"]["accuracy"]["value"] == pytest.approx(
        (test["predicted"] == test["expression"]).mean()
    )
    assert not (copied.path / "eval" / judged.folder.name / "history.csv").exists()


def test_classifiers_of_other_options_lie_side_by_side(copied):
    folders = {evaluate_run(copied, classifier=Classifier.named("linear_svm", [c])).folder for c in ("C=1", "C=10")}
    assert len(folders) == 2


def test_a_classifier_is_fitted_to_the_training_rows_as_they_were_and_to_no_others(copied, store_with, tmp_path):
    cfg = yaml.safe_load(copied.config.read_text())
    cfg["store"] = str(store_with(*DIGITS))
    copied.config.write_text(yaml.safe_dump(cfg))
    reseal(copied.path)
    another = shutil.copytree(tmp_path / "other", tmp_path / "third")
    with pytest.raises(DataError, match=r"other has changed since the run was trained, and a classifier is fitted to"):
        evaluate_run(copied, another, classifier=Classifier.named("linear_svm"))
    assert "classifier" not in evaluate_run(copied, another).result  # which needs no training rows


def test_only_classes_that_both_know_are_judged(copied, store_with):
    judged = evaluate_run(copied, store_with("7", "fear", "3"))
    found, own = predictions(judged.folder), predictions(copied.path)
    assert set(found["expression"]) == {"3", "7"}
    pd.testing.assert_frame_equal(found, own[own["expression"].isin(["3", "7"])])
    expected = accuracy_score(found["expression"], found["predicted"])
    assert judged.result["metrics"]["accuracy"]["value"] == pytest.approx(expected, rel=1e-12)
    assert judged.result["num_rows"] == 12


def test_classes_without_one_in_common_are_refused(copied, store_with):
    with pytest.raises(DataError, match=r"the run knows 0, 1, .*has fear, anger: no class in common"):
        evaluate_run(copied, store_with("fear", "anger"))


def test_the_same_content_elsewhere_is_the_own_store(copied, store_with, digits):
    fingerprint = json.loads((digits / "dataset.json").read_text())["fingerprint"]
    judged = evaluate_run(copied, store_with(*DIGITS, name="mnist", fingerprint=fingerprint))
    assert judged.recorded == recorded(copied.path)


def test_evaluation_is_not_random(run, digits):
    """Training augments at random; judging must not."""
    cfg, method, _ = reload(run)
    judged = evaluate_run(run)
    samples = judged.data.samples(judged.data.split.evaluation)
    first, second = (predict(method, judged.data, samples)["probabilities"] for _ in range(2))
    assert cfg.augment.shift == 2
    np.testing.assert_array_equal(first, second)


def columns(labels, probabilities):
    n = len(labels)
    ids = np.array([str(i) for i in range(n)], dtype=object)
    feature = np.zeros((n, 3))
    return {"id": ids, "expression": np.array(labels), "probabilities": np.array(probabilities), "feature": feature}


def test_unlabelled_rows_are_not_judged(make_metric):
    method = SimpleNamespace(metrics={"accuracy": make_metric(accuracy, ["expression", "probabilities"])})
    rows = columns([0, -1, 1], [[0.9, 0.1], [0.9, 0.1], [0.8, 0.2]])
    evaluation = score(method, rows, ("a", "b"), "test")
    assert evaluation.columns["id"].tolist() == ["0", "2"]
    assert evaluation.metrics["accuracy"]["value"] == 0.5
    assert 0 <= evaluation.metrics["accuracy"]["low"] <= 0.5 <= evaluation.metrics["accuracy"]["high"] <= 1


def test_what_the_labels_do_not_allow_is_no_metric(make_metric):
    """Rows with valence alone count for valence; a metric whose label is nowhere is left out."""
    ccc_of = {name: make_metric(ccc, [name, f"predicted_{name}"]) for name in ("valence", "arousal")}
    method = SimpleNamespace(metrics={"accuracy": make_metric(accuracy, ["expression", "probabilities"]), **ccc_of})
    rows = columns([-1, -1, -1], [[1.0, 0.0]] * 3)
    rows |= {"valence": np.array([0.1, np.nan, 0.3]), "predicted_valence": np.array([0.1, 0.2, 0.3])}
    evaluation = score(method, rows, ("a", "b"), "test")
    assert evaluation.columns["id"].tolist() == ["0", "2"]
    assert set(evaluation.metrics) == {"valence"}
    assert evaluation.metrics["valence"]["value"] == pytest.approx(1)


def test_the_table_has_names_and_not_numbers(tmp_path):
    rows = columns([1, 0], [[0.9, 0.1], [0.8, 0.2]])
    write_predictions(RunFolder(tmp_path), rows, ("fear", "anger"), "val")
    assert pd.read_parquet(tmp_path / "predictions.parquet").to_dict("records") == [
        {"id": "0", "split": "val", "expression": "anger", "predicted": "fear", "prob_fear": 0.9, "prob_anger": 0.1},
        {"id": "1", "split": "val", "expression": "fear", "predicted": "fear", "prob_fear": 0.8, "prob_anger": 0.2},
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["predictions.parquet"]


def test_both_constants_of_a_run_are_tried_on_another_store():
    evaluated = {name: np.array([10.0, 30.0]) for name in ("score", "predicted_score")} | {
        "video": np.array(["a", "b"])
    }
    metrics = compose("train", ["metrics=[depression]"]).metrics
    method = SimpleNamespace(metrics={name: instantiate(metrics[name]) for name in ("mae", "rmse")})
    found = constant_facts({"mean": 15.0, "median": 12.0}, evaluated, method)["constant_predictor"]
    errors = {name: (constant["score"], constant["errors"]["mae"]) for name, constant in found.items()}
    assert errors == {"mean": (15, 10), "median": (12, 10)}
    assert found["median"]["errors"]["rmse"] == pytest.approx(np.sqrt((4 + 324) / 2))
    assert constant_facts({}, evaluated, method) == {}


def test_progress_counts_the_samples(run):
    _, method, _ = reload(run)
    judged = evaluate_run(run)
    told = []
    samples = judged.data.samples(judged.data.split.evaluation)
    predict(method, judged.data, samples, lambda done, total: told.append((done, total)))
    assert told == [(0, 60), (60, 60)]


@pytest.mark.parametrize(("group", "key"), [("", "inputs"), ("trainer", "global_batch")])
def test_a_run_of_another_version_is_refused(copied, group, key):
    text = yaml.safe_load(copied.config.read_text())
    del (text[group] if group else text)[key]
    copied.config.write_text(yaml.safe_dump(text))
    reseal(copied.path)
    name = f"{group}.{key}" if group else key
    with pytest.raises(RunError, match=rf"config.yaml lacks {name}: it is damaged, or another version"):
        evaluate_run(copied)
