import math

import numpy as np
import pytest

from fercli.errors import RunError
from fercli.metrics.metric import Metric

COLUMNS = {
    "expression": np.array([0, 1, -1, 1]),
    "valence": np.array([0.5, np.nan, 0.1, -0.5]),
    "predicted_valence": np.array([0.4, 0.3, 0.2, 0.1]),
    "probabilities": np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.6, 0.4]]),
}


@pytest.mark.parametrize(
    ("reads", "rows"),
    [
        (["expression"], [0, 1, 3]),
        (["valence", "predicted_valence"], [0, 2, 3]),
        (["predicted_valence", "valence", "expression"], [0, 3]),
        (["probabilities", "expression"], [0, 1, 3]),
    ],
)
def test_a_function_gets_what_it_reads_in_that_order_where_every_label_is_known(reads, rows):
    seen = []
    assert Metric(lambda *values: seen.extend(values) or 7, reads)(COLUMNS) == 7
    assert len(seen) == len(reads)
    for name, value in zip(reads, seen, strict=True):
        np.testing.assert_array_equal(value, COLUMNS[name][rows])


def test_without_a_labelled_row_there_is_no_number():
    columns = {"valence": np.full(2, np.nan), "predicted_valence": np.zeros(2)}
    metric = Metric(lambda *_: 1 / 0, ["valence", "predicted_valence"])
    assert math.isnan(metric(columns))
    assert not metric.is_possible(columns)
    assert not metric.is_possible({"valence": np.zeros(2)})
    assert metric.is_possible(COLUMNS)


def test_a_prediction_that_is_no_number_is_no_missing_label():
    columns = COLUMNS | {"predicted_valence": np.full(4, np.nan)}
    with pytest.raises(RunError, match="expected finite predictions, found NaN: training has diverged"):
        Metric(lambda *_: 0, ["valence", "predicted_valence"])(columns)
