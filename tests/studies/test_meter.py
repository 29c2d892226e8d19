"""What choosing on test adds to the rows of a study."""

import numpy as np
import pytest
from scipy import stats

from fercli.pages.study import printed
from fercli.studies.aggregate import read_results
from fercli.studies.meter import t_interval
from fercli.studies.meter_table import meter_table
from tests.stores import reseal

CHOSEN = (0.86, 0.87, 0.88)
BEST = (0.87, 0.875, 0.90)


@pytest.fixture
def metered(small_plan, finish):
    """The runs of DDA have a meter, with accuracy by the rule and the best on test; those of center loss have none."""
    for cell in small_plan.cells:
        finish(cell)
        if cell.label == "DDA":
            way = {"chosen": CHOSEN[cell.seed], "last": 0.8, "best": BEST[cell.seed], "best_epoch": 4}
            reseal(cell.run.path, chosen_epoch=3, meter={"accuracy": way})
    return read_results(small_plan)


def test_a_row_says_what_choosing_on_test_adds_with_its_interval_over_seeds(metered):
    (block,) = meter_table(metered).blocks
    (row,) = block.rows
    added = 100 * (np.array(BEST) - np.array(CHOSEN))
    low, high = stats.t.interval(0.95, 2, added.mean(), stats.sem(added))
    cell = row.cells["added"]
    assert (cell.value, cell.low, cell.high, cell.n) == pytest.approx((added.mean(), low, high, 3), rel=1e-9)
    assert row.cells["chosen"].value == pytest.approx(87)
    assert row.cells["last"].value == pytest.approx(80)
    assert row.cells["best_seed"].value == pytest.approx(88)


def test_the_terminal_prints_it_after_the_claims(metered):
    assert [table.title for table in printed(metered)][-1] == "Selection meter"


def test_a_study_without_meters_has_no_such_table(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell)
    assert meter_table(read_results(small_plan)) is None


def test_one_value_has_no_interval():
    assert t_interval(np.array([1.0])) is None


def test_ninety_five_percent_of_the_intervals_hold_the_mean():
    """4,000 studies of three seeds: the share of intervals that hold it, within three standard errors."""
    draws = np.random.default_rng(0).normal(1.0, 0.5, (4000, 3))
    held = np.mean([low <= 1.0 <= high for low, high in map(t_interval, draws)])
    assert abs(held - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 4000)


def test_a_claim_says_how_much_choosing_on_test_could_explain(metered):
    """The source prints 0.65 points between the two rows; 1.17 ± 1.90 are the numbers of the test above."""
    (sentence,) = [note for note in meter_table(metered).notes if note.startswith("Of the ")]
    assert sentence == (
        "Of the 0.65 points that dda-dacl prints between DDA and center (accuracy), choosing the epoch of DDA on test "
        "could explain 1.17 ± 1.90."
    )
