import numpy as np
import pytest
from scipy import stats

from fercli.studies.aggregate import read_results
from fercli.studies.claims import Comparison, Corrected, compare, corrected, judge, verdicts
from fercli.studies.grid import plan
from fercli.studies.significance import paired
from fercli.studies.study import Claim, study_from

CLAIM = Claim("DDA", "center", "accuracy")


def judged(differences, p_seeds="uncorrected", metric="accuracy", num_claims=1):
    over_seeds = paired(differences)
    comparison = Comparison(Claim("DDA", "center", metric), over_seeds)
    p = over_seeds.p if p_seeds == "uncorrected" else p_seeds
    return judge(Corrected(comparison, p, None, None), num_claims)


def test_the_side_of_the_difference_confirms_or_refutes():
    assert judged([0.9, 0.7, 1.2, 0.6]).outcome == "confirmed"
    assert judged([-0.9, -0.7, -1.2, -0.6]).outcome == "refuted"


def test_where_lower_is_better_the_verdict_turns():
    assert judged([-0.9, -0.7, -1.2, -0.6], metric="rmse").outcome == "confirmed"
    assert judged([0.9, 0.7, 1.2, 0.6], metric="rmse").outcome == "refuted"


def test_a_difference_within_the_noise_is_undecided_and_says_how_many_seeds_it_needs():
    found = judged([0.5, -0.2, 0.4, -0.2])
    assert (found.outcome, found.seeds_needed) == ("undecided", 74)
    assert judged([1.5, -0.5, 1.0, 0.2]).seeds_needed < judged([1.5, -0.5, 1.0, 0.2], num_claims=4).seeds_needed


def test_fewer_than_three_seeds_never_decide():
    assert judged([5.0, 5.01]).outcome == "undecided"
    assert judged([5.0]).outcome == judged([]).outcome == "undecided"
    assert judged([5.0]).seeds_needed is None


def test_the_corrected_p_decides():
    assert judged([0.9, 0.7, 1.2, 0.6], p_seeds=0.06).outcome == "undecided"


def test_only_common_seeds_count(small_plan, finish):
    finish(small_plan.cells[0], 0.80)
    finish(small_plan.cells[3], 0.85)
    finish(small_plan.cells[4], 0.99)
    found = compare(read_results(small_plan), CLAIM)
    assert (found.over_seeds.n, found.over_seeds.mean) == (1, pytest.approx(5))
    assert (found.counts.only_better, found.counts.only_worse) == (50, 0)


def test_accuracy_is_tested_by_mcnemar_and_other_metrics_by_bootstrap(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell, 0.80 if cell.label == "center" else 0.85)
    results = read_results(small_plan)
    accuracy = compare(results, CLAIM)
    other = compare(results, Claim("DDA", "center", "mean_class_accuracy"))
    assert accuracy.p_samples == pytest.approx(2 / 2**50, rel=1e-6)  # 50 samples, each right only under DDA
    assert accuracy.counts.only_better == 3 * 50
    assert (other.p_samples, other.counts) == (pytest.approx(2 / 501), None)


def test_without_predictions_there_is_a_reason_instead(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell)
    (small_plan.cells[0].run.path / "predictions.parquet").unlink()
    found = compare(read_results(small_plan), CLAIM)
    assert (found.p_samples, found.over_seeds.n) == (None, 3)
    assert "cannot be read" in found.reason


def test_the_claims_of_a_table_are_corrected_together(small, request_for, finish):
    small["claims"] = [
        {"better": "DDA", "worse": "center", "metric": metric} for metric in ("accuracy", "mean_class_accuracy")
    ]
    planned = plan(study_from("small", small), request_for("rafdb"))
    for cell, accuracy in zip(planned.cells, (0.80, 0.81, 0.82, 0.83, 0.85, 0.84), strict=True):
        finish(cell, accuracy)
    results = read_results(planned)
    alone = compare(results, planned.study.claims[0]).over_seeds.p
    both = corrected(results, planned.study.claims)
    assert [tests.p_seeds for tests in both] == pytest.approx([2 * alone, 2 * alone], rel=1e-6)
    assert alone < 0.05 < 2 * alone
    assert [found.outcome for found in verdicts(results)] == ["undecided", "undecided"]


@pytest.fixture(autouse=True)
def of_one_protocol(prints):
    """What the source prints is of the protocol of the runs; other protocols are the subject of test_differences."""
    prints()


def against_print(small, request_for, finish, accuracies, better="DDA", worse="gACNN", **options):
    """The finished seeds of DDA, claimed to be better or worse than gACNN, for which 85.07 % are printed."""
    small["claims"] = [{"better": better, "worse": worse, "metric": "accuracy"}]
    planned = plan(study_from("small", small), request_for("rafdb", "ferplus", **options))
    cells = [cell for cell in planned.cells if cell.label == "DDA"]
    for cell, accuracy in zip(cells, accuracies, strict=False):
        finish(cell, accuracy)
    return read_results(planned)


def test_a_printed_number_is_held_against_every_seed_by_the_one_sample_t_test(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870))
    (found,) = verdicts(results)
    seen = found.tests.comparison.over_seeds
    expected = stats.ttest_1samp([86.0, 86.6, 87.0], 85.07)
    assert (seen.n, seen.mean, seen.p) == (
        3,
        pytest.approx(86.5333333 - 85.07),
        pytest.approx(expected.pvalue, rel=1e-6),
    )
    assert seen.p_flips == 0.25  # three seeds, all above
    assert found.outcome == "confirmed"


def test_the_quoted_side_may_be_the_better_one(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870), "gACNN", "DDA")
    (found,) = verdicts(results)
    assert found.tests.comparison.over_seeds.mean == pytest.approx(85.07 - 86.5333333)
    assert found.outcome == "refuted"


def test_p_samples_of_a_printed_number_is_the_share_of_resamples_on_its_other_side(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870))
    found = compare(results, results.plan.study.claims[0])
    drawn = [one.values for one in results.resampled("DDA", "accuracy").values()]
    below = int((np.mean(drawn, axis=0) <= 85.07).sum())
    assert 0 < below < 250
    assert (found.p_samples, found.counts) == (pytest.approx(2 * (below + 1) / 501), None)


def test_a_printed_number_needs_no_predictions_for_its_verdict(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870))
    for path in results.folders("DDA").values():
        (path / "predictions.parquet").unlink()
    (found,) = verdicts(results)
    assert (found.outcome, found.tests.p_samples) == ("confirmed", None)
    assert "cannot be read" in found.tests.comparison.reason


def test_a_single_seed_above_a_printed_number_decides_nothing(small, request_for, finish):
    (found,) = verdicts(against_print(small, request_for, finish, (0.95,)))
    assert (found.outcome, found.tests.comparison.over_seeds.n, found.seeds_needed) == ("undecided", 1, None)
    (none,) = verdicts(against_print(small, request_for, finish, (), seeds=(7,)))
    assert (none.outcome, none.tests.comparison.over_seeds.n) == ("undecided", 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"data": "ferplus"}, "run on ferplus, where the source used rafdb: no printed number compares"),
        ({"budget": "smoke"}, "budget smoke, not the training that the source describes: no printed number compares"),
    ],
)
def test_other_data_and_budgets_are_not_held_against_print(small, request_for, finish, options, reason):
    (found,) = verdicts(against_print(small, request_for, finish, (0.95, 0.96, 0.97), **options))
    comparison = found.tests.comparison
    assert (found.outcome, found.seeds_needed) == ("undecided", None)
    assert (comparison.over_seeds.n, comparison.p_samples, comparison.reason) == (0, None, reason)


def test_a_claim_that_cannot_be_judged_costs_the_others_nothing(small, request_for, finish):
    small["claims"].append({"better": "DDA", "worse": "gACNN", "metric": "accuracy"})
    planned = plan(study_from("small", small), request_for("rafdb", budget="smoke"))
    for cell, accuracy in zip(planned.cells, (0.860, 0.861, 0.860, 0.870, 0.873, 0.872), strict=True):
        finish(cell, accuracy)
    trained, _ = corrected(read_results(planned), planned.study.claims)
    assert trained.p_seeds == trained.comparison.over_seeds.p < 0.05
