"""The time of a prediction is measured with each sample alone, and kept beside the predictions."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from fercli.config import compose
from fercli.datasets.store import Store
from fercli.engine import measurement
from fercli.engine.build import build_data, build_method
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.seconds import NUM_TIMED, NUM_WARM, seconds_alone
from fercli.engine.training import train
from fercli.studies.printed import published_number
from fercli.studies.study import load_study

PAUSE = 0.005
COST = "metrics=[expression,cost]"


@pytest.fixture
def slow(digits_config, digits):
    """The method of the digits with a pause in each pass, its data, and the sizes of the batches it has seen."""
    data = build_data(cfg := digits_config(), Store(digits))
    method, _ = build_method(cfg, data)
    sizes = []

    def pause(module, given):
        sizes.append(len(given[0]))
        time.sleep(PAUSE)

    method.register_forward_pre_hook(pause)
    return method, data, sizes


def test_each_timed_sample_is_alone_and_the_first_passes_do_not_count(slow):
    method, data, sizes = slow
    found = seconds_alone(method, data, data.samples(data.split.evaluation))
    assert sizes == [1] * (NUM_WARM + NUM_TIMED)
    timed = found[found > 0]
    assert (len(found), len(timed)) == (60, NUM_TIMED)
    assert (timed >= PAUSE).all()
    assert found[[0, -1]].all()


def test_fewer_samples_are_all_timed(slow):
    method, data, sizes = slow
    found = seconds_alone(method, data, data.samples(data.split.evaluation[:7]))
    assert (found > 0).all()
    assert len(sizes) == NUM_WARM + 7


def test_a_run_that_asks_for_it_has_the_median_and_the_times(digits_config):
    run = train(digits_config(COST), [])
    score = json.loads(run.metrics.read_text())["metrics"]["inference_time_per_image"]
    times = pd.read_parquet(run.path / "predictions.parquet")["seconds"].to_numpy()
    assert score["value"] == np.median(times[times > 0])
    assert score["low"] <= score["value"] <= score["high"]
    history = pd.read_csv(run.path / "history.csv")
    assert not any("inference_time" in name for name in history)  # of the validation it would say nothing


def test_other_runs_are_not_timed(digits_config, monkeypatch):
    monkeypatch.setattr(measurement, "seconds_alone", None)
    run = train(digits_config(), [])
    assert "seconds" not in pd.read_parquet(run.path / "predictions.parquet")


def test_another_time_is_no_change_of_the_run(digits_config):
    run = train(digits_config(COST), [])
    recorded = json.loads(run.metrics.read_text())
    recorded["metrics"]["inference_time_per_image"]["value"] = 99.0
    run.finish(recorded)
    evaluated = Reevaluation.prepared(run, device="cpu").evaluate()
    assert evaluated.changed == {}
    assert evaluated.result["metrics"]["inference_time_per_image"]["value"] < 99


def test_the_time_of_dlga_cnn_stands_beside_the_printed_one():
    study = load_study("dlga_cnn/cost")
    printed = {row.label: published_number(study, row, *study.metrics) for row in study.rows}
    assert printed == {"DLGA-CNN": 2.12, "LGA-CNN": None, "LA-CNN": None, "GA-CNN": None}
    assert compose("train", study.base).trainer.accelerator == "cpu"
