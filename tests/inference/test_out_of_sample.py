"""Predictions of runs and files, joined with the rows of a store; rows that a run was trained on are refused."""

import csv

import numpy as np
import pytest

from fercli.datasets.store import Store
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.training import train
from fercli.errors import ConfigError
from fercli.inference.out_of_sample import MISSING, TWIN, UNKNOWN, out_of_sample
from fercli.runs.predictions import read_predictions
from tests.stores import reseal


@pytest.fixture(scope="module")
def run(digits_config_at, tmp_path_factory):
    at = digits_config_at(tmp_path_factory.mktemp("folds"))
    return train(at("trainer.max_epochs=1", "metrics=[expression]", "num_train_rows=45"), [])


def test_a_run_predicts_the_rows_that_it_was_evaluated_on(run, digits):
    store = Store(digits)
    found = out_of_sample(store, [run.path.parent.parent])
    frame = read_predictions(run).set_index("id")
    assert found.rows.tolist() == store.rows("test").tolist()
    for row, probabilities in zip(found.rows, found.probabilities, strict=True):
        expected = frame.loc[store.column("id")[row], [f"prob_{name}" for name in store.classes]]
        assert probabilities == pytest.approx(expected.to_numpy(float))
    assert found.counts[MISSING] == len(store) - 60
    assert found.unchecked == ()


def test_rows_that_the_run_was_trained_on_are_refused(run, digits):
    folder = Reevaluation.prepared(run, split="train", device="cpu").evaluate().folder
    with pytest.raises(ConfigError, match=r"predicts 45 rows that the run was trained on, such as"):
        out_of_sample(Store(digits), [folder])


def test_files_are_averaged_with_runs_and_named_as_unchecked(run, digits, tmp_path):
    store = Store(digits)
    ids = store.column("id")[store.rows("test")]
    with (tmp_path / "theirs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"prob_{name}" for name in store.classes)])
        writer.writerows([name, 1, *[0] * 9] for name in (*ids[:20], "nobody"))
    alone = out_of_sample(store, [run.path])
    both = out_of_sample(store, [run.path, tmp_path / "theirs.csv"], split="test")
    only_first = np.eye(10)[0]
    assert both.probabilities[:20] == pytest.approx((alone.probabilities[:20] + only_first) / 2)
    assert both.probabilities[20:] == pytest.approx(alone.probabilities[20:])
    assert both.counts[UNKNOWN] == 1
    assert both.unchecked == ("theirs.csv",)


def test_a_row_with_a_twin_in_training_does_not_count(run, digits):
    frame = read_predictions(run)
    frame["has_twin"] = np.arange(len(frame)) < 7
    before = run.predictions.read_bytes()
    frame.to_parquet(run.predictions)
    reseal(run.path)
    found = out_of_sample(Store(digits), [run.path])
    run.predictions.write_bytes(before)
    reseal(run.path)
    assert (len(found.rows), found.counts[TWIN]) == (53, 7)


def test_a_folder_without_predictions_is_refused(digits, tmp_path):
    with pytest.raises(ConfigError, match="expected a finished run, a folder of runs or a file"):
        out_of_sample(Store(digits), [tmp_path])
