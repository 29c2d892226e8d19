"""Nobody is evaluated on what was chosen on, unless the paper's way is asked for by name."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.datasets.draws import draw, hold_out
from fercli.datasets.splits import split_rows
from fercli.errors import ConfigError, DataError


def rows(split, count, **columns):
    return [{"split": split, "expression": str(i % 2), **{k: v(i) for k, v in columns.items()}} for i in range(count)]


@pytest.fixture
def three(write_store):
    """Rows 0 to 39 train, 40 to 49 val, 50 to 69 test."""
    return write_store(rows("train", 40) + rows("val", 10) + rows("test", 20))


@pytest.fixture
def without_val(write_store):
    """Rows 0 to 39 train, 40 to 59 test."""
    return write_store(rows("train", 40) + rows("test", 20))


@pytest.fixture
def without_test(write_store):
    """Rows 0 to 39 train, 40 to 49 val, as AffectNet has them."""
    return write_store(rows("train", 40) + rows("val", 10))


def test_the_epoch_is_chosen_on_val_where_there_is_a_test_split(three):
    split = split_rows(three, "best", 0.1, seed=0)
    assert split.evaluation_name == "test"
    assert split.train.tolist() == list(range(40))
    assert split.validation.tolist() == list(range(40, 50))
    assert split.evaluation.tolist() == list(range(50, 70))


def test_without_val_a_part_of_train_is_held_out(without_val):
    split = split_rows(without_val, "best", 0.1, seed=0)
    assert split.evaluation.tolist() == list(range(40, 60))
    assert len(split.validation) == 4
    assert sorted([*split.train, *split.validation]) == list(range(40))


def test_without_test_the_run_is_evaluated_on_val_and_does_not_choose_on_it(without_test):
    split = split_rows(without_test, "best", 0.1, seed=0)
    assert split.evaluation_name == "val"
    assert split.evaluation.tolist() == list(range(40, 50))
    assert set(split.validation) < set(range(40))
    assert not set(split.validation) & set(split.train)


def test_last_chooses_nothing_and_trains_on_everything(without_val):
    split = split_rows(without_val, "last", 0.0, seed=0)
    assert split.train.tolist() == list(range(40))
    assert len(split.validation) == 0


def test_the_validation_split_can_be_learned_from_where_nothing_is_chosen(three):
    split = split_rows(three, "last", 0.0, seed=0, with_validation=True)
    assert split.train.tolist() == list(range(50))
    assert len(split.validation) == 0
    assert split.evaluation.tolist() == list(range(50, 70))
    for rule in ("best", "paper"):
        with pytest.raises(ConfigError, match=rf"needs selection=last .* found selection.rule={rule}"):
            split_rows(three, rule, 0.1, seed=0, with_validation=True)


def test_what_a_run_is_evaluated_on_is_never_learned_from(without_test):
    with pytest.raises(ConfigError, match=r"a store with the splits train, val and test; found .* and train, val"):
        split_rows(without_test, "last", 0.0, seed=0, with_validation=True)


def test_paper_chooses_on_what_is_reported(three):
    split = split_rows(three, "paper", 0.0, seed=0)
    assert split.validation.tolist() == split.evaluation.tolist() == list(range(50, 70))
    assert split.train.tolist() == list(range(40))


@given(counts=st.lists(st.integers(0, 40), min_size=2, max_size=4), share=st.floats(0.05, 0.6), seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_every_class_gives_its_share(counts, share, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    kept, held = hold_out(Columns(labels), np.arange(len(labels)), share, seed)
    assert sorted([*kept, *held]) == list(range(len(labels)))
    assert [np.sum(labels[held] == label) for label in range(len(counts))] == [round(share * n) for n in counts]


@pytest.mark.parametrize("column", ["subject", "video"])
def test_a_subject_or_video_is_never_on_both_sides(write_store, column):
    store = write_store(rows("train", 60, **{column: lambda i: f"{i // 4}"}))
    for seed in range(5):
        kept, held = hold_out(store, np.arange(60), 0.2, seed)
        assert 8 <= len(held) <= 16
        assert not set(store.column(column)[kept]) & set(store.column(column)[held])


def test_rows_without_subject_stand_alone(write_store):
    store = write_store(rows("train", 40, subject=lambda i: "ann" if i < 20 else None))
    kept, held = hold_out(store, np.arange(40), 0.3, 0)
    assert len({"ann"} & set(store.column("subject")[kept])) + len({"ann"} & set(store.column("subject")[held])) == 1
    assert len(set(held) & set(range(20, 40))) == 6


def test_a_split_is_a_function_of_the_seed(without_val):
    drawn = [split_rows(without_val, "best", 0.25, seed).validation.tolist() for seed in (0, 1, 0)]
    assert drawn[0] == drawn[2] != drawn[1]


@pytest.mark.parametrize("rule", ["best", "last"])
def test_a_part_of_the_training_rows_is_stratified_too(without_val, rule):
    split = split_rows(without_val, rule, 0.1, seed=0, num_train_rows=10)
    assert np.bincount(without_val.labels[split.train]).tolist() == [5, 5]
    assert not set(split.train) & set(split.validation)
    assert len(split.evaluation) == 20


def test_a_share_of_the_training_rows(without_val):
    split = split_rows(without_val, "last", 0.0, seed=0, train_share=0.25)
    assert np.bincount(without_val.labels[split.train]).tolist() == [5, 5]
    assert len(split_rows(without_val, "last", 0.0, seed=0, train_share=1.0).train) == 40
    for share in (0.0, 1.5):
        with pytest.raises(ConfigError, match="expected train_share above 0 and at most 1"):
            split_rows(without_val, "last", 0.0, seed=0, train_share=share)


def test_more_training_rows_than_there_are_are_all(without_val):
    assert len(split_rows(without_val, "last", 0.0, seed=0, num_train_rows=999).train) == 40


@pytest.mark.parametrize(("number", "num_videos"), [(256, 8), (5000, 8), (40000, 50)])
def test_a_number_of_rows_of_a_large_set_of_videos_is_kept_and_of_several_people(number, num_videos):
    """A share of 256 rows rounds to no video of 800 frames at all, one of 5,000 rows to seven."""
    videos = Columns(np.full(200_000, -1), video=np.repeat([f"v{i}" for i in range(250)], 800))
    found = draw(videos, np.arange(200_000), number, seed=0)
    assert len(found) == len(set(found)) == number
    assert found.tolist() == sorted(found)
    starts, counts = np.unique(found // 800, return_counts=True)
    assert len(starts) == num_videos
    assert all(
        (found[found // 800 == start] % 800).tolist() == list(range(n)) for start, n in zip(starts, counts, strict=True)
    )
    assert draw(videos, np.arange(200_000), number, seed=0).tolist() == found.tolist()
    assert draw(videos, np.arange(200_000), number, seed=1).tolist() != found.tolist()


@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=20), number=st.integers(1, 60), seed=st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_at_least_one_row_and_never_more_than_asked_for(sizes, number, seed):
    videos = Columns(np.zeros(sum(sizes), int), video=np.repeat([f"v{i}" for i in range(len(sizes))], sizes))
    found = draw(videos, np.arange(sum(sizes)), number, seed)
    assert 1 <= len(found) <= min(number, sum(sizes))


def test_of_rows_that_stand_alone_each_class_gives_its_share():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    found = draw(Columns(labels), np.arange(100), 20, seed=0)
    assert np.bincount(labels[found]).tolist() == [12, 6, 2]
    kept, _ = hold_out(Columns(labels), np.arange(100), 0.8, seed=0)
    assert found.tolist() == kept.tolist()  # as where a share is kept


def test_a_part_that_leaves_nothing_to_learn_from_is_refused(write_store):
    store = write_store(rows("train", 40, subject=lambda i: "ann") + rows("test", 4))
    with pytest.raises(ConfigError, match=r"selection.holdout=0.6 holds out all 40 training rows; lower it"):
        split_rows(store, "best", 0.6, seed=0)
    with pytest.raises(ConfigError, match=r"train_share=0.1 of 40 training rows leaves none; enlarge it"):
        split_rows(store, "last", 0.0, seed=0, train_share=0.1)
    assert len(split_rows(store, "last", 0.0, seed=0, num_train_rows=5).train) == 5


@pytest.mark.parametrize("names", [["train"], ["test"], ["val", "test"]])
def test_a_store_without_train_or_without_anything_to_be_evaluated_on_is_refused(write_store, names):
    store = write_store([row for name in names for row in rows(name, 4)])
    with pytest.raises(DataError, match=f"has the splits {', '.join(names)}; expected train and one of val, test"):
        split_rows(store, "best", 0.1, seed=0)


def test_an_unknown_rule_is_refused(three):
    choices = "best, last, paper, training_loss"
    with pytest.raises(ConfigError, match=rf"no selection.rule named 'bset'; did you mean 'best'\? choices: {choices}"):
        split_rows(three, "bset", 0.1, seed=0)


@pytest.mark.parametrize("holdout", [0.0, -0.1, 1.0, 2.0])
def test_a_share_that_leaves_one_side_empty_is_refused(without_val, holdout):
    with pytest.raises(ConfigError, match=r"expected selection.holdout between 0 and 1"):
        split_rows(without_val, "best", holdout, seed=0)


def test_a_share_too_small_to_hold_out_a_row_is_refused(write_store):
    with pytest.raises(ConfigError, match=r"selection.holdout=0.1 of 6 training rows holds out none; enlarge it"):
        split_rows(write_store(rows("train", 6) + rows("test", 2)), "best", 0.1, seed=0)


@pytest.mark.parametrize("num_train_rows", [0, -5])
def test_no_training_rows_are_refused(without_val, num_train_rows):
    with pytest.raises(ConfigError, match="expected num_train_rows of at least 1"):
        split_rows(without_val, "last", 0.0, seed=0, num_train_rows=num_train_rows)


def test_rows_with_equal_pixels_are_held_out_together_and_without_any_nothing_changes():
    labels = np.arange(60) % 3
    alone = hold_out(Columns(labels), np.arange(60), 0.3, 0)
    twins = np.arange(60)
    twins[[40, 41, 50]] = 7
    twins[30:39] = 29
    kept, held = hold_out(Columns(labels, equal_images=twins), np.arange(60), 0.3, 0)
    assert not set(twins[kept]) & set(twins[held])
    assert sorted([*kept, *held]) == [*range(60)]
    assert len(held)
    assert not np.array_equal(held, alone[1])


def test_equal_images_join_whole_videos():
    video = np.array([f"v{i // 5}" for i in range(50)], dtype=object)
    twins = np.arange(50)
    twins[49] = 0  # the first video and the last share an image
    for seed in range(4):
        kept, held = hold_out(Columns(np.zeros(50, int), video, twins), np.arange(50), 0.5, seed)
        side = set(video[kept]), set(video[held])
        assert not side[0] & side[1]
        assert {"v0", "v9"} <= side[0] or {"v0", "v9"} <= side[1]


class Columns:
    """As much of a store as dividing reads: every row without subject, and without video where none is given."""

    def __init__(self, labels, video=None, equal_images=None):
        self.labels = labels
        self.equal_images = np.arange(len(labels)) if equal_images is None else np.array(equal_images)
        self.images_together = self.equal_images
        self.video = np.array([None] * len(labels), dtype=object) if video is None else video

    def column(self, name):
        if name == "id":
            return np.array([str(i) for i in range(len(self.labels))], dtype=object)
        return self.video if name == "video" else np.array([None] * len(self.labels), dtype=object)
