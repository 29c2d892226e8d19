import math

import numpy as np

from fercli.metrics.cost import median_time


def test_only_samples_that_were_timed_count():
    assert median_time(np.array([0.0, 0.3, 0.0, 0.1, 0.2])) == 0.2


def test_nothing_timed_has_no_median():
    assert math.isnan(median_time(np.zeros(3)))
