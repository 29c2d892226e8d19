"""A metric of a user's own that falls where methods are better: marked, compared and evaluated by its own direction."""

import json

import pytest

from fercli.config import compose
from fercli.engine.training import train
from fercli.facts import KEYS
from fercli.published.comparison import comparison, numbers
from fercli.runs.folder import RunFolder, read_history
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.tables import study_table
from fercli.studies.verdicts import claims_table
from tests.stores import reseal

FUNCTION = """
def error(expression, probabilities):
    return float((probabilities.argmax(1) != expression).mean())

def doubt(expression, probabilities):
    return float(1 - probabilities[range(len(expression)), expression].mean())
"""
YAML = """
mistakes:
  _target_: fercli.metrics.metric.Metric
  label: mistakes
  unit: "%"
  higher_is_better: false
  decimals: 1
  bounds: [0, 1]
  reads: [expression, probabilities]
  function: {_target_: my_falling.error, _partial_: true}
"""
DOUBT = YAML.replace("mistakes", "doubt").replace("error", "doubt")
FACTS = {"label": "mistakes", "unit": "%", "higher_is_better": False, "decimals": 1, "bounds": [0, 1]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of options that holds that metric; its module is on the path."""
    (tmp_path / "my_falling.py").write_text(FUNCTION)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "mine"
    (folder / "metrics").mkdir(parents=True)
    (folder / "metrics" / "mine.yaml").write_text(YAML)
    return folder


@pytest.fixture
def finished(small, request_for, finish, folder):
    """A study whose claim is about that metric: DDA makes 2.4 to 3.6 points fewer mistakes than center loss."""
    small["base"].append("metrics=[expression,mine]")
    small |= {"metrics": ["mistakes"], "claims": [{"better": "DDA", "worse": "center", "metric": "mistakes"}]}
    planned = plan(study_from("small", small), request_for("rafdb", config_dirs=(folder,)))
    for cell, accuracy in zip(planned.cells, (0.86, 0.86, 0.86, 0.884, 0.890, 0.896), strict=True):
        finish(cell, accuracy)
        metrics = json.loads(cell.run.metrics.read_text())["metrics"]
        assert set(FACTS) <= set(KEYS)
        reseal(cell.run.path, metrics=metrics | {"mistakes": {"value": 1 - accuracy} | FACTS})
    return planned


def test_a_training_keeps_the_epoch_with_the_smallest_value(digits_overrides, folder, tmp_path):
    (folder / "metrics" / "mine.yaml").write_text(DOUBT)
    options = ["metrics=[expression,mine]", "selection.holdout=0.4", "selection.monitor=doubt"]
    options += ["trainer.max_epochs=3", "augment.size=16", f"runs={tmp_path}/runs"]
    run = train(compose("train", [*digits_overrides, *options], config_dirs=(folder,)), [])
    values = read_history(run)["val/doubt"].dropna()
    assert len(set(values)) == 3
    found = json.loads(run.metrics.read_text())
    assert found["chosen_epoch"] == values.idxmin()
    assert found["metrics"]["doubt"]["higher_is_better"] is False


def test_a_falling_error_confirms_the_claim_that_it_falls(finished):
    (row,) = claims_table(read_results(finished)).blocks[0].rows
    assert row.cells["verdict"].text == "confirmed"
    assert row.cells["difference"].value == pytest.approx(-3.0, rel=1e-9)
    assert row.cells["p_samples"].value < 0.01


def test_the_smallest_is_marked_as_best(finished):
    table = study_table(read_results(finished))
    (column,) = [column for column in table.columns if column.key == "mistakes"]
    assert (column.higher_is_better, column.label, column.unit) == (False, "mistakes", "%")


def test_compare_ranks_the_fewest_mistakes_first(finished):
    runs = finished.request.runs
    assert all(RunFolder(cell.run.path).finished for cell in finished.cells)
    table = comparison(numbers("rafdb", "mistakes", runs=runs))
    values = [row.cells["value"].value for block in table.blocks for row in block.rows if "value" in row.cells]
    assert values == sorted(values)
