import numpy as np
import pytest

from fercli.metrics.affect import ccc
from fercli.metrics.pseudo_values import MOST_UNITS, pseudo_values
from tests.metrics.test_gaps import share


def test_pseudo_values_of_rows_are_the_rows():
    hits = np.array([1.0, 0, 1, 1, 0])
    found, num_rows = pseudo_values([share(hits), share(hits[:3])], [np.arange(5), np.arange(5, 8)])
    assert (num_rows == np.isfinite(found)).all()
    np.testing.assert_allclose(found[:5, 0], hits, rtol=1e-9)
    np.testing.assert_allclose(found[5:, 1], hits[:3], rtol=1e-9)
    assert np.isnan(found[:5, 1]).all()
    assert np.isnan(found[5:, 0]).all()


def test_pseudo_values_leave_out_whole_units():
    """A plain loop over the equation, for a metric that is no mean."""
    generator = np.random.default_rng(0)
    true, said, unit = generator.normal(size=12), generator.normal(size=12), np.repeat(["p", "q", "r"], [3, 4, 5])
    found, num_rows = pseudo_values([lambda rows: ccc(true[rows], said[rows])], [unit])
    assert num_rows.ravel().tolist() == [3, 4, 5]
    for place, name in enumerate("pqr"):
        kept = [row for row in range(12) if unit[row] != name]
        assert found[place, 0] == pytest.approx(3 * ccc(true, said) - 2 * ccc(true[kept], said[kept]), rel=1e-9)


def test_many_units_are_merged():
    values = np.arange(2 * MOST_UNITS + 1.0)
    found, num_rows = pseudo_values([share(values)], [np.arange(len(values))])
    assert found.shape == (MOST_UNITS, 1)
    assert num_rows.sum() == len(values)
    assert found.mean() == pytest.approx(values.mean(), rel=1e-3)
