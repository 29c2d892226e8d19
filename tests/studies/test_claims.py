import numpy as np
import pytest
from scipy import stats

from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import read_results
from fercli.studies.claims import compare
from fercli.studies.corrected import corrected
from fercli.studies.decisions import verdicts
from fercli.studies.grid import plan
from fercli.studies.study import Claim, study_from
from tests.studies.test_decisions import CLAIM


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
    # 50 of 1,000 samples are right only under DDA: t = 0.05 / sqrt(0.05 * 0.95 / 999), far below any usual level.
    assert (other.p_samples < 1e-10, other.counts) == (True, None)


def test_without_predictions_there_is_a_reason_instead(small_plan, finish):
    for cell in small_plan.cells:
        finish(cell)
    (small_plan.cells[0].run.path / "predictions.parquet").unlink()
    found = compare(read_results(small_plan), CLAIM)
    assert (found.p_samples, found.over_seeds.n) == (None, 3)
    assert "is missing" in found.reason


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
    reason = {"against_print": "for this test"} if better == "gACNN" else {}
    small["claims"] = [{"better": better, "worse": worse, "metric": "accuracy"} | reason]
    planned = plan(study_from("small", small), request_for("rafdb", "ferplus", **options))
    cells = [cell for cell in planned.cells if cell.label == "DDA"]
    for cell, accuracy in zip(cells, accuracies, strict=False):
        finish(cell, accuracy)
    return read_results(planned)


def test_a_printed_number_is_held_against_every_seed_as_one_training_of_another_row(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.940, 0.946, 0.950))
    (found,) = verdicts(results)
    seen = found.tests.comparison.over_seeds
    values = np.array([94.0, 94.6, 95.0])
    rows = stats.t.ppf(0.975, 999) ** 2 * seen.design.sampling.shared
    training = stats.t.ppf(0.975, 2) ** 2 * max(values.var(ddof=1), seen.design.sampling.own) * (1 / 3 + 1)
    assert (seen.n, seen.mean) == (3, pytest.approx(values.mean() - 85.07))
    assert seen.mean - seen.low == pytest.approx(np.sqrt(rows + training), rel=1e-9)
    assert (seen.p < 0.05) == (seen.low > 0)
    assert seen.p_flips == 0.25  # three seeds, all above
    assert found.outcome == "confirmed"


def test_the_quoted_side_may_be_the_better_one(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.940, 0.946, 0.950), "gACNN", "DDA")
    (found,) = verdicts(results)
    assert found.tests.comparison.over_seeds.mean == pytest.approx(85.07 - 94.5333333)
    assert found.outcome == "refuted"


def test_p_samples_of_a_printed_number_is_a_t_test_over_samples(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870))
    found = compare(results, results.plan.study.claims[0])
    right = [results.predictions.right(RunFolder(path), "accuracy") for path in results.folders("DDA").values()]
    plain = stats.ttest_1samp(100 * np.mean(right, axis=0), 85.07)
    assert 0.05 < plain.pvalue < 0.5
    assert (found.p_samples, found.counts) == (pytest.approx(plain.pvalue, rel=0.1), None)  # of 1,000 resamples


def test_without_predictions_a_printed_number_gets_no_verdict(small, request_for, finish):
    results = against_print(small, request_for, finish, (0.860, 0.866, 0.870))
    for path in results.folders("DDA").values():
        (path / "predictions.parquet").unlink()
    (found,) = verdicts(results)
    assert (found.outcome, found.tests.p_seeds, found.tests.p_samples) == ("undecided", None, None)
    assert "is missing" in found.tests.comparison.reason


def test_a_single_seed_above_a_printed_number_decides_nothing(small, request_for, finish):
    (found,) = verdicts(against_print(small, request_for, finish, (0.95,)))
    assert (found.outcome, found.tests.comparison.over_seeds.n, found.seeds_needed) == ("undecided", 1, None)
    (none,) = verdicts(against_print(small, request_for, finish, (), seeds=(7,)))
    assert (none.outcome, none.tests.comparison.over_seeds.n) == ("undecided", 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"data": "ferplus"}, "run on ferplus, where the source used rafdb: no printed number is comparable"),
        (
            {"budget": "smoke"},
            "budget smoke, not the training that the source describes: no printed number is comparable",
        ),
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
