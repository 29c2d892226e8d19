"""The printed numbers of Antoniadis 2021 hang together (acceptance check T30)."""

import numpy as np
import pytest

from fercli.published.numbers import published, published_value, with_fields

SOURCE = "emotion-gcn"


def test_own_accuracies_of_seven_classes_are_numbers_of_3500_images():
    frame = published()
    own = frame[(frame["source"] == SOURCE) & (frame["data"] == "affectnet") & (frame["metric"] == "accuracy")]
    rows = with_fields(own[own["row_kind"] != "sota"].to_dict("records"), {"classes": "7"})
    assert len(rows) > 80
    images = 35 * np.array([row["value"] for row in rows])
    np.testing.assert_array_less(np.abs(images - images.round()), 0.351)  # two decimals, rounded or cut off


@pytest.mark.parametrize(
    ("better", "metric", "data", "difference"),
    [
        ("Multi-task + CCC", "accuracy", "AffectNet", 1.32),
        ("Emotion-GCN", "total_evaluation_metric", "Aff-Wild2", 3.86),
    ],
)
def test_differences_that_the_text_states(better, metric, data, difference):
    methods = (better, "Single-task (DenseNet121)")
    own, baseline = (published_value(SOURCE, "Table 6.1", method, metric, data) for method in methods)
    assert own - baseline == pytest.approx(difference, abs=0.005)
