import numpy as np
import pytest
from scipy.stats import binomtest

from fercli.tables.per_class import per_class_table

MATRIX = np.array([[8, 1, 1], [2, 5, 3], [0, 0, 4]])


def classified(matrix):
    """Columns of as many rows as the confusion matrix counts."""
    true, said = np.indices(np.shape(matrix)).reshape(2, -1).repeat(np.ravel(matrix), axis=1)
    return {"expression": true, "probabilities": np.eye(len(matrix))[said]}


def test_recall_precision_and_f1_per_class():
    rows = {row.label: row.cells for row in per_class_table(classified(MATRIX), ["a", "b", "c"]).blocks[0].rows}
    assert [rows[name]["images"].value for name in "abc"] == [10, 10, 4]
    assert [rows[name]["recall"].value for name in "abc"] == [80, 50, 100]
    assert rows["a"]["precision"].value == pytest.approx(80)
    assert rows["c"]["precision"].value == pytest.approx(50)
    assert rows["c"]["f1"].value == pytest.approx(200 / 3)


def test_recall_of_independent_images_has_wilsons_interval():
    table = per_class_table(classified(MATRIX), ["a", "b", "c"])
    assert [column.label for column in table.columns] == ["images", "recall", "precision", "F1"]
    assert table.notes == ("95 % intervals of recall are Wilson's, over samples, taken as independent.",)
    ends = binomtest(8, 10).proportion_ci(0.95, method="wilson")
    recall = table.blocks[0].rows[0].cells["recall"]
    assert (recall.low, recall.high) == pytest.approx((100 * ends.low, 100 * ends.high), rel=1e-9)


def test_images_of_one_person_are_counted_together():
    columns = classified(MATRIX) | {"subject": np.array([f"p{i // 2}" for i in range(24)], dtype=object)}
    table = per_class_table(columns, ["a", "b", "c"])
    assert [column.label for column in table.columns][:2] == ["images", "subjects"]
    assert [row.cells["units"].value for row in table.blocks[0].rows] == [5, 5, 2]
    assert table.notes == ("95 % intervals of recall are Wilson's, over the subjects of each class.",)
    recall = table.blocks[0].rows[0].cells["recall"]
    assert recall.high - recall.low > 100 * np.diff(binomtest(8, 10).proportion_ci(0.95, method="wilson"))


def test_a_class_without_images_has_no_recall():
    rows = per_class_table(classified([[3, 1], [0, 0]]), ["a", "b"]).blocks[0].rows
    assert rows[1].cells["recall"].value is None
    assert rows[1].cells["recall"].low is None
    assert rows[1].cells["images"].value == 0
