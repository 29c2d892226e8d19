"""The meter records the test metrics of each epoch, and changes nothing else."""

import json
import math

import pandas as pd
import pytest

from fercli.engine.meter import meter_facts
from fercli.engine.training import train
from fercli.runs.folder import read_history

ROWS = [
    {"epoch": epoch, "val/rises": rises, "test/rises": 1 - rises, "test/falls": falls}
    for epoch, (rises, falls) in enumerate([(0.1, 0.5), (0.9, 0.3), (0.4, 0.4)], start=1)
]


@pytest.fixture
def metrics(make_metric):
    return {
        "rises": make_metric(len, ["expression"]),
        "falls": make_metric(len, ["expression"], higher_is_better=False),
    }


def test_each_way_of_choosing_is_recorded_by_the_direction_of_the_metric(metrics):
    found = meter_facts(ROWS, metrics, "best", best_epoch=2)
    assert found["chosen_epoch"] == 2
    assert found["meter"]["rises"] == pytest.approx({"chosen": 0.1, "last": 0.6, "best": 0.9, "best_epoch": 1})
    assert found["meter"]["falls"] == {"chosen": 0.3, "last": 0.4, "best": 0.3, "best_epoch": 2}


def test_a_rule_that_keeps_the_last_epoch_chooses_the_last(metrics):
    found = meter_facts(ROWS, metrics, "last", best_epoch=2)
    assert (found["chosen_epoch"], found["meter"]["falls"]["chosen"]) == (3, 0.4)


def test_the_rule_paper_reads_what_it_chose_by(metrics):
    found = meter_facts(ROWS, metrics, "paper", best_epoch=2)
    assert found["meter"] == {"rises": {"chosen": 0.9, "last": 0.4, "best": 0.9, "best_epoch": 2}}


@pytest.mark.parametrize("missing", [{}, {"test/falls": math.nan}], ids=["not recorded", "not a number"])
def test_a_metric_without_a_value_of_the_chosen_epoch_is_left_out(missing, metrics):
    rows = [{"epoch": 1, "test/falls": 0.5}, {"epoch": 2} | missing]
    assert meter_facts(rows, metrics, "last", None) == {"chosen_epoch": 2}


@pytest.mark.parametrize("rule", ["best", "last"])
def test_the_meter_changes_no_number_of_a_training(digits_config_at, tmp_path, rule):
    runs = {
        meter: train(digits_config_at(tmp_path / str(meter))(f"selection={rule}", f"selection.meter={meter}"), [])
        for meter in (False, True)
    }
    assert runs[False].run_id == runs[True].run_id
    found = {meter: json.loads(run.metrics.read_text()) for meter, run in runs.items()}
    curves = {meter: read_history(run) for meter, run in runs.items()}
    recorded = [name for name in curves[True] if name.startswith("test/")]
    pd.testing.assert_frame_equal(
        curves[False].drop(columns="seconds"), curves[True].drop(columns=[*recorded, "seconds"]), check_exact=True
    )
    assert found[True]["metrics"] == found[False]["metrics"]
    assert "meter" not in found[False]
    accuracy = found[True]["metrics"]["accuracy"]["value"]
    assert found[True]["meter"]["accuracy"]["chosen"] == pytest.approx(accuracy, abs=1e-6)
    assert len(curves[True]["test/accuracy"].dropna()) == 2
