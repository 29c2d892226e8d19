import numpy as np

from fercli.screening.people import people_intervals, scores_of

# Two sittings of person p with two recordings each, and one of q; the last row has no score.
COLUMNS = {
    "id": np.array(["a", "b", "c", "d", "e", "f", "g"], dtype=object),
    "video": np.array(["1", "1", "2", "3", "4", "5", "6"], dtype=object),
    "session": np.array([0, 0, 0, 1, 1, 2, 3]),
    "score": np.array([10.0, 10, 10, 30, 30, 5, np.nan]),
    "predicted_score": np.array([8.0, 10, 15, 20, 22, 7, 9]),
}
SUBJECTS = ["p", "p", "p", "p", "p", "q", "q"]


def test_each_sitting_has_one_score_the_mean_over_its_recordings():
    scores = scores_of(COLUMNS, SUBJECTS)
    np.testing.assert_array_equal(scores.score, [10, 30, 5])
    np.testing.assert_array_equal(scores.predicted, [(9 + 15) / 2, 21, 7])
    np.testing.assert_array_equal(scores.person, [0, 0, 1])
    assert (scores.unit, scores.num_people, scores.has_subjects) == ("sitting", 2, True)


def test_without_sittings_each_recording_counts_and_without_people_it_is_a_person():
    columns = {name: column for name, column in COLUMNS.items() if name != "session"}
    scores = scores_of(columns, [None] * 7, "median")
    np.testing.assert_array_equal(scores.predicted, [9, 15, 20, 22, 7])
    assert (scores.unit, scores.num_people, scores.has_subjects) == ("recording", 5, False)


def test_distributions_are_merged_and_add_up_to_1():
    levels = np.array([[1.0, 0], [0, 1], [0, 1], [1, 0], [1, 0], [0.5, 0.5], [1, 0]])
    scores = scores_of(COLUMNS | {"score_probabilities": levels}, SUBJECTS)
    np.testing.assert_allclose(scores.levels, [[0.25, 0.75], [1, 0], [0.5, 0.5]])


def test_all_sittings_of_a_person_are_drawn_together_and_twice_drawn_people_are_two():
    person, seen = np.array([0, 0, 1, 2, 2, 2]), []

    def statistic(rows, drawn):
        seen.append(np.bincount(rows, minlength=6))
        assert len(np.unique(drawn)) == 3
        return float(rows.mean())

    ((low, high),) = people_intervals([statistic], person)
    assert 0.5 <= low < high <= 4
    assert all(c[0] == c[1] and c[3] == c[4] == c[5] and c[0] + c[2] + c[3] == 3 for c in seen)


def test_an_interval_without_width_is_none():
    assert np.isnan(people_intervals([lambda rows, _: 1.0], np.array([0, 1]))).all()


def test_intervals_of_a_mean_cover_it_where_people_have_several_sittings():
    """The interval of 95 % covers at least 89 % of 120 samples of 60 people; one that ignores people covers 84 %."""
    rng, person, hits = np.random.default_rng(1), np.repeat(np.arange(60), 2), 0
    for _ in range(120):
        values = rng.normal(size=60)[person] + 0.3 * rng.normal(size=120)
        ((low, high),) = people_intervals([lambda rows, _, v=values: float(v[rows].mean())], person)
        hits += low <= 0 <= high
    assert 0.89 <= hits / 120 <= 0.99
