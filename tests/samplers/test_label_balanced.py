import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import ConfigError, DataError
from fercli.samplers.batches import EpochBatches
from fercli.samplers.label_balanced import LabelBalanced

# Score, and sessions with the clips of each.
CLIPS = {0: [20, 20, 10, 5, 30], 7: [12, 9], 13: [25], 45: [3, 3, 3, 3, 3, 3, 2], 63: [2, 2]}
SCORES = np.repeat([float(score) for score in CLIPS], [sum(clips) for clips in CLIPS.values()])
SESSIONS = np.repeat(np.arange(17), [num for clips in CLIPS.values() for num in clips])


@pytest.fixture
def known(labels):
    return labels(score=SCORES, session=SESSIONS)


@pytest.mark.parametrize(("num_scores", "num_samples"), [(5, 4), (2, 4), (3, 2), (4, 10)])
@pytest.mark.parametrize("label_sampling", ["uniform", "proportional"])
@pytest.mark.filterwarnings("ignore:.*have 10 samples or more")
def test_a_batch_has_k_different_samples_of_each_of_p_scores(known, num_scores, num_samples, label_sampling):
    sampler = LabelBalanced(num_scores * num_samples, num_samples, label_sampling)
    drawn = sampler(known, 0, 0).reshape(-1, num_scores, num_samples)
    for batch in drawn:
        assert len(set(batch.ravel())) == num_scores * num_samples
        assert all(len(set(SCORES[rows])) == 1 for rows in batch)
        assert len(set(SCORES[batch[:, 0]])) == num_scores


def test_an_epoch_has_as_many_whole_batches_as_rows_fill(known):
    assert len(LabelBalanced(8)(known, 0, 0)) == len(SCORES) // 8 * 8
    assert len(LabelBalanced(20)(known, 0, 0)) == len(SCORES) // 20 * 20


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=6), num_samples=st.integers(1, 6), epoch=st.integers(0, 9)
)
def test_samples_come_from_as_many_sessions_as_there_are(labels, sizes, num_samples, epoch):
    sizes = [*sizes, num_samples]
    sessions = np.repeat(np.arange(len(sizes)) + 3, sizes)
    rows = LabelBalanced(num_samples, num_samples)(labels(score=np.zeros(len(sessions)), session=sessions), 0, epoch)
    for turn in rows.reshape(-1, num_samples):
        assert len(set(turn)) == num_samples
        taken = np.bincount(sessions[turn], minlength=len(sizes) + 3)[3:]
        # None gives another one before every other has given as many, or has no more.
        assert all(
            taken[i] <= taken[j] + 1 or taken[j] == sizes[j] for i in range(len(sizes)) for j in range(len(sizes))
        )


def test_every_session_is_as_likely_and_every_clip_gets_its_turn(labels):
    sessions = np.repeat(np.arange(6), [50, 2, 2, 2, 2, 2])
    known = labels(score=np.zeros(60), session=sessions)
    rows = np.concatenate([LabelBalanced(2, 2)(known, 0, epoch) for epoch in range(100)])
    assert np.bincount(sessions[rows]) / len(rows) == pytest.approx(np.full(6, 1 / 6), abs=0.02)
    assert set(rows) == set(range(60))


def test_scores_are_equally_likely_or_as_frequent_as_their_clips(labels):
    scores = np.repeat([0.0, 10, 20], [300, 60, 40])
    known = labels(score=scores, session=np.arange(400))
    for label_sampling, shares in (("uniform", [1 / 3, 1 / 3, 1 / 3]), ("proportional", [0.75, 0.15, 0.1])):
        sampler = LabelBalanced(4, 4, label_sampling)
        drawn = scores[np.concatenate([sampler(known, 0, epoch) for epoch in range(30)])]
        assert [np.mean(drawn == score) for score in (0, 10, 20)] == pytest.approx(shares, abs=0.03)


def share_of_one_session(sampler, known):
    """Of the pairs of one score within a batch."""
    sessions = known.session[sampler(known, 0, 0)].reshape(-1, sampler.num_samples)
    first, second = np.triu_indices(sampler.num_samples, 1)
    return np.mean(sessions[:, first] == sessions[:, second])


def test_as_few_pairs_as_possible_are_of_one_session(labels, known):
    sampler = LabelBalanced(4, 4)
    assert share_of_one_session(sampler, labels(score=np.zeros(8), session=np.arange(8))) == 0
    assert share_of_one_session(sampler, labels(score=np.zeros(8), session=np.zeros(8, int))) == 1
    assert share_of_one_session(sampler, labels(score=np.zeros(8), session=np.repeat([0, 1], 4))) == pytest.approx(
        1 / 3
    )
    # Scores 0 and 45 give no pair of one session, 7 and 63 two of six, 13 all.
    assert share_of_one_session(LabelBalanced(20), known) == pytest.approx((0 + 0 + 1 / 3 + 1 / 3 + 1) / 5)


def test_rows_of_no_known_session_count_as_of_different_ones(labels):
    sampler, known = LabelBalanced(4, 4), labels(score=np.zeros(8))
    assert (known.session == -1).all()
    assert len(set(sampler(known, 0, 0))) >= 4


def test_rows_without_a_score_are_never_drawn(labels, known):
    more = labels(score=np.append(SCORES, [np.nan] * 50), session=np.append(SESSIONS, [99] * 50))
    np.testing.assert_array_equal(LabelBalanced(8)(more, 0, 0), LabelBalanced(8)(known, 0, 0))
    with pytest.raises(DataError, match="'score', which no training row carries; use sampler=shuffle"):
        LabelBalanced(8)(labels(score=[np.nan, np.nan]), 0, 0)


def test_scores_with_too_few_clips_are_left_out_and_named(known):
    with pytest.warns(
        UserWarning, match="4 of the 5 scores in the training rows have 8 samples or more; the others are"
    ):
        rows = LabelBalanced(16, 8)(known, 0, 0)
    assert set(SCORES[rows]) == {0, 7, 13, 45}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LabelBalanced(16, 4)(known, 0, 0)


def test_the_order_depends_on_labels_seed_and_epoch_alone(known, labels):
    sampler = LabelBalanced(8)
    orders = {(seed, epoch): tuple(sampler(known, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert len({len(order) for order in orders.values()}) == 1
    assert orders[1, 2] == tuple(sampler(labels(score=SCORES.copy(), session=SESSIONS.copy()), 1, 2))
    assert sampler(known, 0, 0).dtype == np.int64


def test_processes_share_the_samples_of_each_score(known):
    shares = [list(EpochBatches(LabelBalanced(8), known, 4, 7, rank, 2, lambda: (3, 0))) for rank in (0, 1)]
    alone = list(EpochBatches(LabelBalanced(8), known, 8, 7, 0, 1, lambda: (3, 0)))
    assert [sorted(a + b) for a, b in zip(*shares, strict=True)] == [sorted(batch) for batch in alone]
    for batch in shares[0]:
        assert np.unique(SCORES[batch], return_counts=True)[1].tolist() == [2, 2]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda known: LabelBalanced(30, 4), r"batch_size as a multiple of sampler\.num_samples; found 30 and 4"),
        (lambda known: LabelBalanced(8, 4, "unifrom"), r"label_sampling named 'unifrom'.*did you mean 'uniform'"),
        (lambda known: LabelBalanced(24, 4)(known, 0, 0), r"needs 6 scores in each batch, and 5 of the 5 scores"),
        (lambda known: LabelBalanced(64, 32)(known, 0, 0), r"needs 2 scores in each batch, and 1 of the 5 scores"),
    ],
)
def test_what_cannot_be_is_refused(known, make, message):
    with pytest.raises(ConfigError, match=message):
        make(known)
