"""A training on noisy labels: recorded, the same in a later evaluation, and refused where it would do nothing."""

import json

import numpy as np
import pytest

from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.identity import data_fingerprint
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.training import train
from fercli.errors import ConfigError


def test_a_run_records_its_noise_and_a_later_evaluation_reads_it_back(digits_config, digits, tmp_path):
    file = tmp_path / "labels.csv"
    ids = Store(digits).column("id")[Store(digits).rows("train")]
    file.write_text("\n".join(["id,label", *(f"{name},7" for name in ids[::3])]) + "\n")
    cfg = digits_config("noise=file", f"noise.file={file}", "trainer.max_epochs=1", "metrics=[expression]")
    data = build_data(cfg, Store(digits))
    trained_with = data.training_labels().expression
    run = train(cfg, [])
    file.unlink()
    result = json.loads(run.metrics.read_text())
    changed = int((trained_with != data.store.labels[data.split.train]).sum())
    assert result["noise"]["num_changed"] == changed > 0
    assert np.trace(result["noise"]["transition"]) == len(data.split.train) - changed
    assert result["protocol"]["labels"].endswith("training labels with noise: labels of labels.csv")
    assert len((run.path / "noise.csv").read_text().splitlines()) == changed + 1
    again = Reevaluation.prepared(run, device="cpu").evaluate()
    assert again.data.training_labels().expression.tolist() == trained_with.tolist()
    assert not again.changed
    evaluated = data.store.labels[data.split.evaluation]
    assert again.evaluation.columns["expression"].tolist() == evaluated.tolist()
    (run.path / "noise.csv").write_text("id,label,noisy\n")
    with pytest.raises(Exception, match=r"noise\.csv"):
        Reevaluation.prepared(run, device="cpu").evaluate()


def test_the_content_of_the_label_file_is_part_of_the_fingerprint(digits_config, digits, tmp_path):
    found = []
    for name, label in (("one", 1), ("same", 1), ("other", 2)):
        file = tmp_path / f"{name}.csv"
        file.write_text(f"id,label\nx,{label}\n")
        found.append(data_fingerprint(digits_config("noise=file", f"noise.file={file}"), Store(digits)))
    assert found[0] == found[1] != found[2]
    with pytest.raises(ConfigError, match="found none"):
        data_fingerprint(digits_config("noise=file", "noise.file=nowhere.csv"), Store(digits))
    with pytest.raises(ConfigError, match=r"no value for noise\.matrix"):
        data_fingerprint(digits_config("noise=confusion"), Store(digits))


def test_noise_that_no_loss_reads_is_refused(config, faces):
    cfg = config("method=affect_regression", "noise=symmetric", "augment.size=48")
    data = build_data(cfg, Store(faces))
    with pytest.raises(ConfigError, match="noise=symmetric changes classes, and method=affect_regression reads none"):
        build_method(cfg, data)


def test_with_folds_the_classes_are_those_of_the_rows_outside_the_fold(config, faces):
    """Class shares of the training split of the store would be those of rows that the fold does not train on."""
    cfg = config("noise=symmetric", "noise.rate=0.5", "folds=column", "folds.by=expression", "folds.fold=2")
    data = build_data(cfg, Store(faces))
    held = {*data.store.labels[data.split.evaluation].tolist()}
    assert len(held) == 1
    assert held.isdisjoint(data.noise.noisy.tolist())
    assert held <= {*data.store.labels[data.store.rows("train")].tolist()}
