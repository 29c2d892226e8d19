"""Folds partition rows, keep persons, videos, columns and equal photographs together, and do not depend on order."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.datasets.folds import LEFT_OUT, TRAINED, KFold, LeaveOneOut, RandomSplit
from fercli.datasets.splits import split_by_fold
from fercli.datasets.strata import stratum
from fercli.datasets.together import groups_together
from fercli.errors import ConfigError, DataError
from fercli.scales import Scale

SCALE = Scale("toy", high=63, bands={"minimal": 0, "mild": 14, "severe": 29})
STRATIFIED = KFold(k=3, stratified=True)
EVERY_KIND = [
    KFold(k=3),
    STRATIFIED,
    KFold(k=3, by="session"),
    KFold(k=3, seed=None),
    LeaveOneOut(by="subject"),
    RandomSplit(),
]


@dataclass
class Table:
    """As much of a store as folds read: columns by name, and `twin`, the number of each row's photograph."""

    columns: dict
    twin: np.ndarray
    labels: np.ndarray
    path: Path = Path("stores/toy")
    splits: tuple = ("train", "test")
    scale: Scale = SCALE

    def __len__(self):
        return len(self.labels)

    def column(self, name):
        return self.columns[name]

    def rows(self, split):
        return np.flatnonzero(self.columns["split"] == split)

    @property
    def equal_images(self):
        first = {}
        return np.array([first.setdefault(twin, row) for row, twin in enumerate(self.twin)])

    @property
    def images_together(self):
        return self.equal_images

    def reordered(self, order):
        columns = {name: column[order] for name, column in self.columns.items()}
        return Table(columns, self.twin[order], self.labels[order])


def table(subjects, videos, sessions, twins, labels, splits):
    """Columns as a store has them; None is an unknown person, video or sitting."""
    texts = {"subject": subjects, "video": videos, "session": sessions, "split": splits}
    columns = {name: np.array(values, dtype=object) for name, values in texts.items()}
    columns["id"] = np.array([f"row{number:03}" for number in range(len(labels))], dtype=object)
    columns |= {name: np.full(len(labels), np.nan) for name in ("score", "valence", "arousal")}
    return Table(columns, np.array(twins), np.array(labels))


@st.composite
def tables(draw):
    n = draw(st.integers(30, 60))
    person = draw(st.lists(st.sampled_from([None, *"abcdefghijklm"]), min_size=n, max_size=n))
    names = [None if name is None else f"person {name}" for name in person]
    # a video belongs to one person; a sitting to anybody; a few photographs occur twice
    videos = [draw(st.sampled_from([None, f"{name} video 1", f"{name} video 2"])) for name in names]
    sessions = draw(st.lists(st.sampled_from("rstuvwxyz"), min_size=n, max_size=n))
    twins = list(range(n))
    for _ in range(draw(st.integers(0, 3))):
        one, other = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        twins[one] = twins[other]
    labels = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    splits = draw(st.lists(st.sampled_from(["train", "test"]), min_size=n, max_size=n))
    return table(names, videos, sessions, twins, labels, splits)


def assigned(folds, store, seed=0):
    """The folds, or None where the table has too few groups."""
    try:
        return folds.assign(store, seed)
    except (ConfigError, DataError):
        return None


@pytest.mark.parametrize("folds", EVERY_KIND, ids=lambda folds: folds.rule.__qualname__.split(".")[0])
@settings(max_examples=15)
@given(store=tables(), seed=st.integers(0, 3), shuffled=st.randoms(use_true_random=False))
def test_folds_partition_the_rows_and_keep_together_what_belongs_together(folds, store, seed, shuffled):
    found = assigned(folds, store, seed)
    if found is None:
        return
    by = getattr(folds, "by", None)
    has_value = np.array([by is None or value is not None for value in store.column(by or "id")])
    assert ((found.fold != LEFT_OUT) == has_value).all()
    assert found.left_out.get(f"no {by}", 0) == (~has_value).sum()
    in_a_fold = found.fold > 0
    assert set(found.fold[in_a_fold]) == set(range(1, len(found.names) + 1))
    assert folds.is_single or not (found.fold == TRAINED).any()
    # the same content in another order of rows gives every row the same fold
    order = np.array(shuffled.sample(range(len(store)), len(store)))
    assert (folds.assign(store.reordered(order), seed).fold == found.fold[order]).all()
    if isinstance(folds, LeaveOneOut):
        return
    used = np.flatnonzero(has_value)
    for kind in ("subject", "video", by or "subject"):
        for value in {value for value in store.column(kind)[used] if value is not None}:
            assert len(set(found.fold[used][store.column(kind)[used] == value])) == 1
    for twin in set(store.twin[used]):
        assert len(set(found.fold[used][store.twin[used] == twin])) == 1


@settings(max_examples=15)
@given(store=tables(), kind=st.sampled_from(EVERY_KIND))
def test_no_training_row_belongs_to_a_person_video_or_photograph_of_the_evaluated_fold(store, kind):
    if (found := assigned(kind, store)) is None:
        return
    for fold in range(1, len(found.names) + 1):
        chosen = type(kind)(**{**vars(kind), "fold": fold})
        try:
            split = split_by_fold(store, chosen, "best", 0.3, seed=0)
        except (ConfigError, DataError):
            continue  # too few groups for an inner part
        parts = [split.train, split.validation, split.evaluation]
        assert (np.sort(split.evaluation) == np.flatnonzero(found.fold == fold)).all()
        together = groups_together(store, np.concatenate(parts))
        train, validation, evaluation = np.split(together, np.cumsum([len(part) for part in parts])[:2])
        assert not {*train} & {*validation}
        assert not {*train, *validation} & {*evaluation}


def people(count, per_person=2, label=lambda i: i % 2):
    names = [f"p{i:02}" for i in range(count) for _ in range(per_person)]
    n = len(names)
    labels = [label(i // per_person) for i in range(n)]
    return table(names, [None] * n, ["s"] * n, range(n), labels, ["train"] * n)


def test_stratified_folds_have_the_same_share_of_each_class():
    store = people(60, label=lambda i: int(i % 4 == 0))
    fold = KFold(k=5, stratified=True).assign(store, 0).fold
    shares = [store.labels[fold == number].mean() for number in range(1, 6)]
    np.testing.assert_allclose(shares, 0.25, atol=0.01)


def test_scores_are_balanced_by_band_and_affect_by_quadrant():
    store = people(4)
    store.labels = np.full(8, -1)
    store.columns["score"] = np.array([0, 13, 14, 28, 29, 63, np.nan, 5.0])
    assert stratum(store, np.arange(8)).tolist() == [0, 0, 1, 1, 2, 2, -1, 0]
    store.columns |= {"score": np.full(8, np.nan), "valence": np.tile([0.5, -0.5], 4)}
    store.columns["arousal"] = np.repeat([0.5, -0.5], 4)
    assert stratum(store, np.arange(8)).tolist() == [3, 1, 3, 1, 2, 0, 2, 0]
    store.columns["valence"] = np.full(8, np.nan)
    with pytest.raises(DataError, match=r"folds\.stratified=false"):
        stratum(store, np.arange(8))


def test_every_seed_draws_other_stratified_folds_of_persons_with_different_numbers_of_rows():
    names = [f"p{i:02}" for i in range(30) for _ in range(i + 1)]
    labels = [int(name[1:]) % 3 for name in names]
    store = table(names, [None] * len(names), ["s"] * len(names), range(len(names)), labels, ["train"] * len(names))
    folds = [KFold(k=5, stratified=True, seed=seed).assign(store, 0).fold for seed in range(4)]
    parts = {tuple(sorted({*store.column("subject")[fold == 1]})) for fold in folds}
    assert len(parts) == 4
    for fold in folds:  # of the ten persons of each class, two are in each fold
        for part in range(1, 6):
            people_of = {name: int(name[1:]) % 3 for name in store.column("subject")[fold == part]}
            assert sorted(people_of.values()) == [0, 0, 1, 1, 2, 2]


def test_another_seed_draws_other_folds_only_where_the_seed_of_the_training_draws_them():
    store = people(40)
    fixed, repeated = KFold(k=4), KFold(k=4, seed=None)
    assert (fixed.assign(store, 0).fold == fixed.assign(store, 1).fold).all()
    assert (repeated.assign(store, 0).fold != repeated.assign(store, 1).fold).any()
    assert (repeated.assign(store, 7).fold == KFold(k=4, seed=7).assign(store, 0).fold).all()


def test_a_random_split_has_the_shares_that_it_names():
    store = people(100)
    split = split_by_fold(store, RandomSplit(), "best", 0.1, seed=3)
    assert [len(part) for part in (split.train, split.validation, split.evaluation)] == [120, 40, 40]
    assert split.evaluation_name == "fold1"
    assert RandomSplit().rule(store) == "random 60/20/20 of the pooled official parts"


def test_only_the_named_splits_are_joined():
    store = people(20)
    store.columns["split"][:10] = "test"
    found = KFold(k=2, splits=["train"]).assign(store, 0)
    assert (found.fold[:10] == LEFT_OUT).all()
    assert (found.fold[10:] > 0).all()
    assert "the splits train" in KFold(k=2, splits=["train"]).rule(store)


def test_a_person_in_two_values_of_a_column_is_not_trained_on():
    store = people(6)
    store.columns["session"] = np.array(["a", "b"] + ["a"] * 4 + ["b"] * 6, dtype=object)  # the first has both
    split = split_by_fold(store, LeaveOneOut(by="session", fold=2), "last", 0, seed=0)
    assert split.evaluation.tolist() == [1, 6, 7, 8, 9, 10, 11]
    assert split.train.tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KFold(k=1), "folds.k"),
        (lambda: KFold(fold=0), "folds.fold"),
        (lambda: KFold(seed=-1), "folds.seed"),
        (lambda: KFold(splits="train"), r"\[train,val\]"),
        (lambda: RandomSplit(test=0.6, validation=0.4), "together below 1"),
        (lambda: RandomSplit(fold=2), "another seed="),
        (lambda: KFold(k=11, stratified=True).assign(people(20), 0), "folds.stratified=false"),
        (lambda: KFold(k=50).assign(people(20), 0), "folds.k=50 of 20 groups"),
        (lambda: KFold(k=2, by="video").assign(people(20), 0), "has a video"),
        (lambda: LeaveOneOut(by="session").assign(people(20), 0), "expected two or more"),
        (lambda: split_by_fold(people(20), KFold(), "best", 0.1, 0), "folds.fold=1 to 5; found none"),
        (lambda: split_by_fold(people(20), KFold(fold=6), "best", 0.1, 0), "from 1 to 5; found 6"),
        (lambda: split_by_fold(people(20), KFold(fold=1), "paper", 0.1, 0), "selection=paper"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises((ConfigError, DataError), match=message):
        make()
