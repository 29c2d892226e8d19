import numpy as np
import pytest

from fercli.errors import DataError
from fercli.ops.severity import round_half_up, severity
from fercli.scales import BDI_II


@pytest.mark.parametrize(
    ("score", "name"),
    [
        *[(0, "none or minimal"), (13, "none or minimal"), (13.4, "none or minimal")],
        *[(13.5, "mild"), (14, "mild"), (19, "mild"), (20, "moderate"), (28, "moderate"), (29, "severe")],
        *[(45, "severe"), (63, "severe"), (70.2, "severe"), (-3.5, "none or minimal")],
    ],
)
def test_bands(score, name):
    assert BDI_II.names[severity(score, BDI_II)] == name


def test_halves_are_rounded_up_where_numpy_takes_the_even_number():
    np.testing.assert_array_equal(round_half_up(np.array([12.5, 13.5, -0.5, 28.49])), [13, 14, 0, 28])
    np.testing.assert_array_equal(severity(np.array([[28.5, 28.49], [19.5, 19.49]]), BDI_II), [[3, 2], [2, 1]])


def test_a_missing_score_is_in_no_band():
    with pytest.raises(DataError, match="finite"):
        severity(np.array([3.0, np.nan]), BDI_II)
