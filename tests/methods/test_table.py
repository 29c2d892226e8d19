from dataclasses import fields

import numpy as np
import pytest
import torch

from fercli.batch import Batch
from fercli.fields import OF_BATCH
from fercli.methods.table import COLUMNS, PredictionTable
from fercli.prediction import Prediction


def add(table, names, expression=True, logits=True):
    """Rows whose feature is the number in their name, and whose class is its parity."""
    number = torch.tensor([float(name) for name in names])
    batch = Batch(list(names), torch.zeros(len(names)), number.long() % 2 if expression else None)
    table.add(batch, Prediction(number[:, None], torch.stack([number, -number], 1) if logits else None))
    return table


def test_rows_are_collected_in_order():
    columns = add(add(PredictionTable(), "31"), "2").columns()
    assert columns["id"].tolist() == ["3", "1", "2"]
    assert columns["expression"].tolist() == [1, 1, 0]
    assert columns["feature"].tolist() == [[3], [1], [2]]


def test_probabilities_are_the_softmax_in_float64():
    probabilities = add(PredictionTable(), "15").columns()["probabilities"]
    assert probabilities.dtype == np.float64
    expected = [[np.exp(n) / (np.exp(n) + np.exp(-n)), np.exp(-n) / (np.exp(n) + np.exp(-n))] for n in (1.0, 5.0)]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)


def test_what_is_not_predicted_is_no_column():
    assert set(add(PredictionTable(), "1", expression=False).columns()) == {"id", "feature", "probabilities"}
    assert set(add(PredictionTable(), "1", logits=False).columns()) == {"id", "feature", "expression"}


def test_affect_is_a_column_for_each_dimension():
    table = PredictionTable()
    affect, predicted = torch.tensor([[0.5, -1.0], [torch.nan, torch.nan]]), torch.tensor([[0.25, 0.75], [1.5, -0.5]])
    batch = Batch(["a", "b"], torch.zeros(2), affect=affect, age=torch.tensor([30.0, torch.nan]))
    table.add(batch, Prediction(torch.zeros(2, 1), predicted_affect=predicted, attention=torch.ones(2, 1) / 2))
    columns = table.columns()
    np.testing.assert_array_equal(columns["valence"], [0.5, np.nan])
    np.testing.assert_array_equal(columns["arousal"], [-1, np.nan])
    np.testing.assert_array_equal(columns["predicted_valence"], [0.25, 1.5])
    np.testing.assert_array_equal(columns["predicted_arousal"], [0.75, -0.5])
    np.testing.assert_array_equal(columns["age"], [30, np.nan])
    np.testing.assert_array_equal(columns["attention"], [[0.5], [0.5]])


def test_one_process_gathers_its_own_rows():
    table = add(add(PredictionTable(), "31"), "2")
    gathered, columns = table.gathered(), table.columns()
    assert set(gathered) == set(columns)
    assert all((gathered[name] == columns[name]).all() for name in columns)


@pytest.fixture
def other_process(monkeypatch):
    """A second process that has collected the rows of a table."""

    def join(table, *read):
        def all_gather_object(parts, own):
            kept = [{k: v for k, v in part.items() if k != "feature" or k in read} for part in table.parts]
            parts[:] = [own, kept]

        monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
        monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
        monkeypatch.setattr(torch.distributed, "all_gather_object", all_gather_object)

    return join


def test_rows_of_all_processes_are_gathered_each_id_once(other_process):
    other_process(add(add(PredictionTable(), "27"), "3"))  # 3 is padding: the first process has it as well
    columns = add(PredictionTable(), "31").gathered()
    assert sorted(columns["id"]) == ["1", "2", "3", "7"]
    assert {name: int(label) for name, label in zip(columns["id"], columns["expression"], strict=True)} == {
        name: int(name) % 2 for name in columns["id"]
    }
    assert len(columns["probabilities"]) == 4


def test_a_process_without_rows_gathers_those_of_the_others(other_process):
    other_process(add(PredictionTable(), "27"))
    assert PredictionTable().gathered()["id"].tolist() == ["2", "7"]


def test_a_wide_column_is_gathered_if_a_metric_reads_it(other_process):
    other_process(add(PredictionTable(), "27"), "feature")
    columns = add(PredictionTable(), "31").gathered({"feature", "expression"})
    assert {name: value for name, (value,) in zip(columns["id"], columns["feature"], strict=True)} == {
        "3": 3, "1": 1, "2": 2, "7": 7,
    }  # fmt: skip
    other_process(add(PredictionTable(), "27"))
    assert "feature" not in add(PredictionTable(), "31").gathered({"expression"})


def test_all_columns_are_named():
    """Every field that a batch and a prediction can have, so that a name that is none can be refused."""
    parts = {field.name: torch.zeros(1, 2) for field in fields(Prediction)} | {"predicted_score": torch.zeros(1)}
    labels = {name: torch.zeros(1, len(numbers)) for name, numbers in OF_BATCH.items()}
    labels |= {name: torch.zeros(1) for name in ("expression", "session")}
    table = PredictionTable()
    batch = Batch(["1"], torch.zeros(1, 1, 2, 2), **labels, video=[None], role=[None])
    table.add(batch, Prediction(**parts))
    assert set(table.columns()) == set(COLUMNS)
