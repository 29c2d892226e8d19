"""What the text of DLGA-CNN says of its gain over the challenge's baselines, from the numbers of its tables."""

import pytest

from fercli.published.numbers import published_value


def rmse(number, method, dataset):
    return published_value("dlga-cnn", f"Table {number}", method, "rmse", dataset)


def test_gain_on_avec2013_is_less_than_the_text_says():
    gain = rmse(7, "Baseline (LPQ, SVR)", "AVEC2013") - rmse(7, "Proposed Approach (DLGA-CNN, G1)", "AVEC2013")
    assert gain == pytest.approx(5.22, abs=1e-9)
    assert published_value(
        "dlga-cnn", "text sec. 4.3.4", "DLGA-CNN versus challenge baseline", "rmse_reduction_claimed", "AVEC2013"
    ) == pytest.approx(5.35)


def test_gain_on_avec2014():
    baseline = rmse(8, "Baseline (LGBP-TOP, SVR)", "AVEC2014")
    assert (baseline - rmse(8, "Proposed Approach (DLGA-CNN, G2)", "AVEC2014")) / baseline == pytest.approx(
        0.2357, abs=5e-5
    )
