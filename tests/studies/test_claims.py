import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fercli.errors import RunError
from fercli.studies.claims import judge, mcnemar, seeds_needed

WORSE = {0: 90.0, 1: 91.0, 2: 92.0, 3: 90.5}


def test_the_interval_is_the_one_of_the_paired_t_test():
    better = {0: 90.9, 1: 91.7, 2: 93.2, 3: 91.1}
    differences = np.array([0.9, 0.7, 1.2, 0.6])
    half = 3.182446305284263 * math.sqrt(((differences - 0.85) ** 2).sum() / 3) / 2  # t of 0.975 with 3 degrees
    found = judge(better, WORSE)
    assert (found.outcome, found.n) == ("confirmed", 4)
    assert found.difference == pytest.approx(0.85, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((0.85 - half, 0.85 + half), rel=1e-9)
    library = stats.ttest_rel(list(better.values()), list(WORSE.values())).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((library.low, library.high), rel=1e-9)


def test_the_other_way_round_is_refuted():
    assert judge(WORSE, {seed: value + 1 + 0.01 * seed for seed, value in WORSE.items()}).outcome == "refuted"


def test_where_lower_is_better_the_verdict_turns():
    lower = {seed: value - 1 - 0.01 * seed for seed, value in WORSE.items()}
    assert judge(lower, WORSE, higher_is_better=False).outcome == "confirmed"
    assert judge(lower, WORSE).outcome == "refuted"


def test_a_difference_within_the_noise_is_undecided():
    found = judge({0: 90.5, 1: 90.8, 2: 92.4, 3: 90.3}, WORSE)
    assert found.outcome == "undecided"
    assert found.low < 0 < found.high


def test_fewer_than_three_seeds_never_decide():
    found = judge({0: 95.0, 1: 96.0}, WORSE)
    assert (found.outcome, found.n, found.low) == ("undecided", 2, found.high)
    single = judge({0: 95.0}, WORSE)
    assert (single.outcome, single.n, single.difference, single.low) == ("undecided", 1, 5.0, None)


def test_only_common_seeds_count():
    assert judge({0: 90.0, 7: 99.0}, WORSE).n == 1
    assert judge({7: 99.0}, WORSE).n == 0


def test_the_same_difference_every_time_decides_and_none_at_all_does_not():
    assert judge({seed: value + 0.5 for seed, value in WORSE.items()}, WORSE).outcome == "confirmed"
    assert judge(WORSE, WORSE).outcome == "undecided"


def test_the_number_of_seeds_that_would_decide():
    # Half widths for sd = 1: 2.48 with 3 seeds, 0.925 with 7, 0.836 with 8, 0.514 with 17, 0.497 with 18.
    assert seeds_needed(2.5, 1.0) == 3
    assert seeds_needed(0.9, 1.0) == seeds_needed(-0.9, 1.0) == 8
    assert seeds_needed(0.5, 1.0) == 18
    assert seeds_needed(0.1, 1.0) is None


@pytest.fixture
def predictions(tmp_path):
    """Write a `predictions.parquet` in which the samples are right (1) or wrong (0), in the order of `ids`."""

    def write(name, right, ids="abcdef"):
        frame = pd.DataFrame(
            {"id": list(ids), "expression": "fear", "predicted": ["fear" if r else "anger" for r in right]}
        )
        frame.to_parquet(tmp_path / name)
        return tmp_path / name

    return write


def test_mcnemar_counts_what_only_one_has_right(predictions):
    pairs = [
        (predictions("a0", [1, 1, 1, 1, 0, 0]), predictions("b0", [0, 0, 0, 1, 1, 0])),
        (predictions("a1", [1, 1, 1, 1, 1, 1]), predictions("b1", [0, 1, 1, 1, 1, 1])),
    ]
    found = mcnemar(pairs)
    assert (found.only_better, found.only_worse) == (4, 1)
    tail = sum(math.comb(5, k) for k in (0, 1)) / 2**5
    assert found.p == pytest.approx(2 * tail, rel=1e-9)


def test_mcnemar_matches_samples_by_id(predictions):
    better, worse = predictions("a", [1, 0, 0, 0, 0, 0]), predictions("b", [0, 0, 0, 0, 0, 1], ids="fedcba")
    assert mcnemar([(better, worse)]).p == 1.0


def test_mcnemar_refuses_other_samples_and_missing_files(predictions, tmp_path):
    better = predictions("a", [1] * 6)
    with pytest.raises(RunError, match="expected the same samples"):
        mcnemar([(better, predictions("b", [1] * 6, ids="abcdeg"))])
    with pytest.raises(RunError, match="cannot be read"):
        mcnemar([(better, tmp_path / "missing")])
