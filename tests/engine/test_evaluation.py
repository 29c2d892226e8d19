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
from sklearn.svm import SVC

from fercli.config import compose, instantiate
from fercli.engine.build import build_data
from fercli.engine.classifier import Classifier
from fercli.engine.joined import JoinedClasses
from fercli.engine.measurement import evaluate_rows, measure
from fercli.engine.predict import predict
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.reload import reload
from fercli.engine.rows_of_split import RowsOfSplit
from fercli.engine.summary import constant_facts
from fercli.engine.training import train
from fercli.errors import DataError, RunError
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


def test_evaluating_again_gives_the_same_digits_beside_those_of_the_run(copied):
    before, content = predictions(copied.path), recorded(copied.path)
    (copied.path / "predictions.parquet").write_bytes(b"as it was")
    reseal(copied.path)
    evaluated = Reevaluation.prepared(copied).evaluate()
    assert evaluated.folder == copied.path / "eval" / f"mnist-test-{content['data']['fingerprint'][:8]}"
    assert evaluated.recorded == recorded(copied.path) == content
    assert evaluated.result["metrics"] == recorded(evaluated.folder)["metrics"] == content["metrics"]
    assert evaluated.changed == {}
    pd.testing.assert_frame_equal(predictions(evaluated.folder), before)
    assert (copied.path / "predictions.parquet").read_bytes() == b"as it was"


def test_another_order_of_classes_changes_no_number(copied, store_with):
    evaluated = Reevaluation.prepared(copied, store_with(*DIGITS[::-1])).evaluate()
    assert evaluated.folder == copied.path / "eval" / "other-test-another"
    assert evaluated.recorded is None
    pd.testing.assert_frame_equal(predictions(evaluated.folder), predictions(copied.path))
    assert evaluated.on_all is None
    assert evaluated.result["metrics"] == recorded(copied.path)["metrics"]
    assert evaluated.result["data"]["name"] == "other"
    assert evaluated.result["protocol"]["num_train_rows"] == 90


def test_two_preparations_of_a_data_set_lie_side_by_side(copied, store_with):
    store = store_with(*DIGITS)
    folders = []
    for fingerprint in ("12345678first", "87654321second"):
        describe(store, fingerprint=fingerprint)
        folders.append(Reevaluation.prepared(copied, store).evaluate().folder.name)
    assert folders == ["other-test-12345678", "other-test-87654321"]


def test_a_classifier_is_fitted_to_the_features_of_a_finished_run(copied):
    """The features are points of the plane, so that scikit-learn can be given them as they were predicted."""
    before = {path: path.read_bytes() for path in copied.path.rglob("*") if path.is_file()}
    evaluated = Reevaluation.prepared(copied, classifier=Classifier.named("svm", ["C=3"])).evaluate()
    assert re.fullmatch(r"mnist-test-[0-9a-f]{8}-svm_[0-9a-f]{6}", evaluated.folder.name)
    assert evaluated.recorded is None
    assert {path: path.read_bytes() for path in before} == before
    train = predictions(Reevaluation.prepared(copied, split="train").evaluate().folder)[
        ["feature_0", "feature_1", "expression"]
    ]
    rows = evaluated.data.store.rows("train")
    kept = set(evaluated.data.store.column("id")[build_data(reload(copied)[0], evaluated.data.store).split.train])
    train = train.loc[[name for name in evaluated.data.store.column("id")[rows] if name in kept]]
    machine = SVC(C=3, gamma="auto", break_ties=True).fit(train.iloc[:, :2].to_numpy(np.float32), train["expression"])
    test = predictions(evaluated.folder)
    expected = machine.predict(test[["feature_0", "feature_1"]].to_numpy(np.float32))
    assert (test["predicted"] == expected).mean() > 0.95  # features of other batch sizes differ in the last digit
    about = f"svm (radial kernel, exact) fitted to the features of {len(kept)} training samples"
    assert recorded(evaluated.folder)["classifier"]["about"] == about
    assert recorded(evaluated.folder)["metrics"]["accuracy"]["value"] == pytest.approx(
        (test["predicted"] == test["expression"]).mean()
    )
    assert not (copied.path / "eval" / evaluated.folder.name / "history.csv").exists()


def test_classifiers_of_other_options_lie_side_by_side(copied):
    folders = {
        Reevaluation.prepared(copied, classifier=Classifier.named("linear_svm", [c])).evaluate().folder
        for c in ("C=1", "C=10")
    }
    assert len(folders) == 2


def test_a_classifier_is_fitted_to_the_training_rows_as_they_were_and_to_no_others(copied, store_with, tmp_path):
    cfg = yaml.safe_load(copied.config.read_text())
    cfg["store"] = str(store_with(*DIGITS))
    copied.config.write_text(yaml.safe_dump(cfg))
    reseal(copied.path)
    another = shutil.copytree(tmp_path / "other", tmp_path / "third")
    with pytest.raises(DataError, match=r"other has changed since the run was trained, and a classifier is fitted to"):
        Reevaluation.prepared(copied, another, classifier=Classifier.named("linear_svm")).evaluate()
    assert "classifier" not in Reevaluation.prepared(copied, another).evaluate().result  # which needs no training rows


def test_classes_without_one_in_common_are_refused(copied, store_with):
    with pytest.raises(DataError, match=r"the run knows 0, 1, .*has fear, anger: no class in common"):
        Reevaluation.prepared(copied, store_with("fear", "anger")).evaluate()


def test_the_same_content_elsewhere_is_the_own_store(copied, store_with, digits):
    fingerprint = json.loads((digits / "dataset.json").read_text())["fingerprint"]
    evaluated = Reevaluation.prepared(copied, store_with(*DIGITS, name="mnist", fingerprint=fingerprint)).evaluate()
    assert evaluated.recorded == recorded(copied.path)


def test_evaluation_is_not_random(run, digits):
    """Training augments at random; evaluating must not."""
    cfg, method, _ = reload(run)
    evaluated = Reevaluation.prepared(run).evaluate()
    samples = evaluated.data.samples(evaluated.data.split.evaluation)
    first, second = (predict(method, evaluated.data, samples)["probabilities"] for _ in range(2))
    assert cfg.augment.shift == 2
    np.testing.assert_array_equal(first, second)


def test_who_is_shown_comes_from_the_store_and_is_what_intervals_draw(untrained):
    found = untrained("synthetic", "augment.size=32")
    store, rows = found.data.store, found.data.split.evaluation
    joined = JoinedClasses(store.classes, store.classes)
    evaluation, _ = evaluate_rows(found.method, RowsOfSplit(found.data, rows, "test"), joined, lambda *_: None)
    write_predictions(found.run, evaluation.columns, evaluation.classes, "test")
    people = dict(zip(store.column("id")[rows], store.column("subject")[rows], strict=True))
    assert predictions(found.folder)["subject"].to_dict() == people
    assert evaluation.metrics["accuracy"]["units"] == {"subject": len({*people.values()})}
    assert len({*people.values()}) < len(people)


def columns(labels, probabilities):
    n = len(labels)
    ids = np.array([str(i) for i in range(n)], dtype=object)
    feature = np.zeros((n, 3))
    return {"id": ids, "expression": np.array(labels), "probabilities": np.array(probabilities), "feature": feature}


def test_unlabelled_rows_are_not_evaluated(make_metric):
    method = SimpleNamespace(metrics={"accuracy": make_metric(accuracy, ["expression", "probabilities"])})
    rows = columns([0, -1, 1], [[0.9, 0.1], [0.9, 0.1], [0.8, 0.2]])
    evaluation = measure(method, rows, ("a", "b"), "test")
    assert evaluation.columns["id"].tolist() == ["0", "2"]
    assert evaluation.metrics["accuracy"]["value"] == 0.5
    assert 0 <= evaluation.metrics["accuracy"]["low"] <= 0.5 <= evaluation.metrics["accuracy"]["high"] <= 1


def test_what_the_labels_do_not_allow_is_no_metric(make_metric):
    """Rows with valence alone count for valence; a metric whose label is nowhere is left out."""
    ccc_of = {name: make_metric(ccc, [name, f"predicted_{name}"]) for name in ("valence", "arousal")}
    method = SimpleNamespace(metrics={"accuracy": make_metric(accuracy, ["expression", "probabilities"]), **ccc_of})
    rows = columns([-1, -1, -1], [[1.0, 0.0]] * 3)
    rows |= {"valence": np.array([0.1, np.nan, 0.3]), "predicted_valence": np.array([0.1, 0.2, 0.3])}
    evaluation = measure(method, rows, ("a", "b"), "test")
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
    evaluated = Reevaluation.prepared(run).evaluate()
    told = []
    samples = evaluated.data.samples(evaluated.data.split.evaluation)
    predict(method, evaluated.data, samples, lambda done, total: told.append((done, total)))
    assert told == [(0, 60), (60, 60)]


@pytest.mark.parametrize(("group", "key"), [("", "inputs"), ("", "trainer"), ("trainer", "global_batch")])
def test_a_run_of_another_version_is_refused(copied, group, key):
    text = yaml.safe_load(copied.config.read_text())
    del (text[group] if group else text)[key]
    copied.config.write_text(yaml.safe_dump(text))
    reseal(copied.path)
    name = f"{group}.{key}" if group else key
    with pytest.raises(RunError, match=rf"config.yaml lacks {name}: another version .* overrides.txt"):
        Reevaluation.prepared(copied).evaluate()


def test_a_run_from_before_an_option_has_the_default_that_leaves_its_id(copied):
    """No run is refused for an option that trainings of the same id need not have."""
    content = yaml.safe_load(copied.config.read_text())
    newer = {"score": None, "twins": "equal", "search": None}
    assert {key: content.pop(key) for key in newer} == newer
    del content["trainer"]["profiler"]
    copied.config.write_text(yaml.safe_dump(content))
    reseal(copied.path)
    config, _, _ = reload(copied)
    assert {key: config[key] for key in newer} == newer
    assert config.trainer.profiler is None


def test_a_metric_of_what_nothing_predicts_is_named_with_its_reason():
    nodes = compose("train", ["metrics=[expression,affect]"]).metrics
    labels = {"expression": np.arange(4) % 2, "valence": np.zeros(4), "arousal": np.full(4, np.nan)}
    columns = {"id": np.arange(4), "probabilities": np.eye(2)[[0, 1, 1, 1]]} | labels
    method = SimpleNamespace(metrics={name: instantiate(node) for name, node in nodes.items()})
    found = measure(method, columns, ("a", "b"), "test")
    assert len(found.metrics) + len(found.not_computed) == len(nodes)
    assert "accuracy" in found.metrics
    assert found.document["not_computed"]["CCC valence"] == "nothing predicts predicted_valence"
    nothing = SimpleNamespace(metrics={"accuracy": method.metrics["accuracy"]})
    assert "not_computed" not in measure(nothing, columns, ("a", "b"), "test").document
