import numpy as np

from fercli.datasets.labels import training_labels


def test_labels_of_rows_in_their_order(write_store):
    store = write_store(
        [
            {"split": "train", "expression": "1", "subject": "ann", "valence": 0.5, "arousal": -0.5},
            {"split": "train", "expression": "0", "age": 31.5},
            {"split": "train", "score": 12.0},
        ]
    )
    labels = training_labels(store, np.array([2, 0]))
    assert len(labels) == 2
    assert labels.expression.tolist() == [-1, 1]
    assert labels.expression.dtype == np.int64
    assert labels.subject.tolist() == [-1, 0]
    np.testing.assert_array_equal(labels.affect, [[np.nan, np.nan], [0.5, -0.5]])
    np.testing.assert_array_equal(labels.score, [12, np.nan])
    np.testing.assert_array_equal(labels.age, [np.nan, np.nan])
    assert {column.dtype for column in (labels.affect, labels.score, labels.age)} == {np.dtype("f8")}
