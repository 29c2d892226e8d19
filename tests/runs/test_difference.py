"""The difference of two runs names what differs, and nothing else."""

import pandas as pd
import pytest
import yaml

from fercli.errors import FercliError, RunError
from fercli.runs.difference import compare_runs
from fercli.runs.folder import RunFolder
from tests.stores import reseal


@pytest.fixture
def make(tmp_path, write_run):
    """A finished run with a configuration, predictions and a history."""

    def make(seed, accuracy=0.8, options=None, losses=(2.0, 1.0), predicted=("a", "b", "b"), **changes):
        run = RunFolder(write_run(tmp_path, seed=seed, accuracy=accuracy, **changes))
        run.config.write_text(
            yaml.safe_dump({"seed": seed, "optimizer": {"lr": 0.1}, "runs": f"r{seed}"} | (options or {}))
        )
        frame = {"id": [1, 2, 3], "expression": ["a", "a", "b"], "predicted": list(predicted)}
        pd.DataFrame(frame).to_parquet(run.predictions)
        history = {"epoch": range(len(losses)), "train/loss": losses, "seconds": [seed] * len(losses)}
        pd.DataFrame(history).to_csv(run.path / "history.csv", index=False)
        reseal(run.path)
        return run

    return make


def test_options_numbers_predictions_and_curves(make):
    one = make(0)
    other = make(1, 0.9, {"optimizer": {"lr": 0.2}, "loss": {"dda": 1}}, (2.0, 0.5, 0.25), ("a", "a", "b"))
    found = compare_runs(one, other)
    assert [(pair.name, pair.first, pair.second) for pair in found.options] == [
        ("optimizer.lr", "0.1", "0.2"), ("seed", "0", "1"), ("loss.dda", "-", "1"),
    ]  # fmt: skip
    assert found.data == []
    accuracy = next(row for row in found.numbers if row.metric == "accuracy")
    assert accuracy.difference == pytest.approx(0.1)
    assert found.predictions == "The predicted class differs for 1 of 3 samples."
    (curve,) = found.curves
    assert (curve.name, curve.first, curve.second, curve.differs_from) == ("train/loss", 1.0, 0.25, 2)


def test_equal_runs_differ_in_nothing_but_the_seed(make):
    found = compare_runs(make(0), make(1))
    assert [pair.name for pair in found.options] == ["seed"]
    assert [curve.differs_from for curve in found.curves] == [None]
    assert found.predictions.startswith("The predicted class differs for 0 of 3")


def test_numbers_on_other_samples_are_not_subtracted(make):
    other = make(1, data={"name": "ferplus", "fingerprint": "f2", "classes": ["neutral", "happiness"]})
    found = compare_runs(make(0), other)
    assert {row.difference for row in found.numbers} == {None}
    assert ("fingerprint", "f1", "f2") in [(pair.name, pair.first, pair.second) for pair in found.data]


@pytest.mark.parametrize("name", ["config.yaml", "metrics.json", "provenance.json"])
def test_a_damaged_file_is_one_message(make, name):
    one, other = make(0), make(1)
    (one.path / name).write_bytes(b'{"versions": 3, "hardware": []}')
    with pytest.raises(FercliError, match=name):
        compare_runs(one, other)


def test_damaged_predictions_and_curves_are_left_out(make):
    one, other = make(0), make(1)
    for file in (one.predictions, one.path / "history.csv"):
        file.write_bytes(b"\x00")
    found = compare_runs(one, other)
    assert found.predictions.startswith("The predictions cannot be compared")
    assert {curve.first for curve in found.curves} == {None}


def test_an_unfinished_run_is_refused(make):
    one, other = make(0), make(1)
    other.metrics.unlink()
    with pytest.raises(RunError, match="seed1 cannot be compared: not begun"):
        compare_runs(one, other)
