import numpy as np

from fercli.engine.rate_range import RateRange
from fercli.figures.rate_range import rate_range_figure

RATES = np.geomspace(1e-6, 10, 100)


def lines(losses):
    figure = rate_range_figure(RateRange(RATES, losses, 10.0, exploded=False), rate=0.01)
    return {line.get_label(): line.get_xydata() for line in figure.axes[0].lines}


def test_the_curve_and_the_rates_that_were_read_from_it():
    losses = np.where(np.abs(np.log10(RATES)) < 1, 1.0, 2.0)  # low from 0.1 to 10
    found = lines(losses)
    np.testing.assert_array_equal(found["loss of each batch"], np.column_stack([RATES, losses]))
    assert {name.partition(":")[0] for name in found} >= {"smoothed", "halfway down", "lowest", "optimizer.lr"}


def test_without_a_fall_no_rate_is_marked():
    assert set(lines(np.ones(100))) == {"loss of each batch", "smoothed", "optimizer.lr: 0.01"}
