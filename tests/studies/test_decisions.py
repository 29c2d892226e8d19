import pytest

from fercli.studies.claims import Comparison
from fercli.studies.corrected import Corrected
from fercli.studies.decisions import decide, outcome
from fercli.studies.significance import Design, SampleSpread, paired
from fercli.studies.study import Claim

CLAIM = Claim("DDA", "center", "accuracy")
ENDLESS = Design(SampleSpread(own=0.0, shared=0.0, num_samples=10**6))  # a test set that leaves seeds alone to chance


def found_of(differences, design=ENDLESS, p_seeds="uncorrected", p_samples=0.001):
    over_seeds = paired(differences, design)
    p = over_seeds.p if p_seeds == "uncorrected" else p_seeds
    return Corrected(Comparison(CLAIM, over_seeds, p_samples), p, None, p_samples)


def test_the_side_of_the_difference_confirms_or_refutes():
    assert outcome(found_of([0.9, 0.7, 1.2, 0.6]), higher_is_better=True) == "confirmed"
    assert outcome(found_of([-0.9, -0.7, -1.2, -0.6]), higher_is_better=True) == "refuted"


def test_where_lower_is_better_the_verdict_turns():
    assert outcome(found_of([-0.9, -0.7, -1.2, -0.6]), higher_is_better=False) == "confirmed"
    assert outcome(found_of([0.9, 0.7, 1.2, 0.6]), higher_is_better=False) == "refuted"


@pytest.mark.parametrize(
    "changes", [{"p_seeds": 0.06}, {"p_samples": 0.06}, {"p_samples": None}, {"design": None}], ids=str
)
def test_a_verdict_wants_both_tests(changes):
    assert outcome(found_of([0.9, 0.7, 1.2, 0.6], **changes), higher_is_better=True) == "undecided"


def test_equal_differences_decide_nothing_however_many_and_large():
    for differences in ([-0.41, -0.41], [5.0] * 3, [5.0] * 10):
        found = found_of(differences)
        assert found.p_seeds is None
        assert decide(found, 1, higher_is_better=True).outcome == "undecided"


def test_differences_of_less_than_a_sample_decide_nothing():
    coarse = Design(SampleSpread(0.0, 0.0, 242), step=100 / 242)
    fine = Design(SampleSpread(0.0, 0.0, 242))
    differences = [0.8264, 1.2397, 0.8264, 0.8264]  # 2, 3, 2 and 2 of 242
    assert outcome(found_of(differences, fine), higher_is_better=True) == "confirmed"
    assert outcome(found_of(differences, coarse), higher_is_better=True) == "undecided"


def test_a_difference_within_the_noise_is_undecided_and_says_how_many_seeds_it_needs():
    found = decide(found_of([0.5, -0.2, 0.4, -0.2]), 1, higher_is_better=True)
    assert (found.outcome, found.seeds_needed) == ("undecided", 74)
    one, four = (decide(found_of([1.5, -0.5, 1.0, 0.2]), n, higher_is_better=True).seeds_needed for n in (1, 4))
    assert one < four


def test_where_the_test_set_is_too_small_no_number_of_seeds_is_named():
    found = decide(found_of([0.5, 0.2, 0.4], Design(SampleSpread(0.0, 0.25, 242))), 1, higher_is_better=True)
    assert (found.outcome, found.seeds_needed, found.samples_are_too_few) == ("undecided", None, True)


def test_fewer_than_three_seeds_never_decide():
    for differences in ([5.0, 5.01], [5.0], []):
        assert decide(found_of(differences), 1, higher_is_better=True).outcome == "undecided"
    assert decide(found_of([5.0]), 1, higher_is_better=True).seeds_needed is None
