"""With twins=near, no near-duplicate is on two sides: of folds, of holdouts, of leave-one-out."""

import numpy as np
import pytest

from fercli.datasets.folds import KFold, LeaveOneOut, RandomSplit
from fercli.datasets.folds_file import FileFolds
from fercli.datasets.near_together import dividing, near_together
from fercli.datasets.splits import split_by_fold, split_rows
from fercli.datasets.store import Store
from fercli.datasets.twins import NEAR, NEAR_FILE, pairs_table, write
from fercli.errors import ConfigError, DataError
from tests.stores import describe, write_twins

# face05 to face12 resemble each other, each one the next; of 41 and 42, one is in training and equal to another.
CHAIN = [(f"face{i:02d}", f"face{i + 1:02d}") for i in range(5, 12)]
PAIRS = [*CHAIN, ("face41", "face30"), ("face42", "face20"), ("face21", "face58"), ("face22", "face23")]
SEEDS = range(6)


def audited(folder, pairs=PAIRS, similarity=0.8):
    store = Store(write_twins(folder))
    found = [(one, other, "train", "train", NEAR, similarity, False, 0.0, 0.0) for one, other in pairs]
    write(folder, NEAR_FILE, pairs_table(found), [store.fingerprint])
    return Store(folder)


@pytest.fixture
def store(tmp_path):
    return audited(tmp_path / "store")


def shared(store, *sides):
    """The pairs of near-duplicates or equal images that lie on two sides."""
    side = {row: number for number, rows in enumerate(sides) for row in rows}
    ends = ([store.rows_of[name] for name in store.twins.column(end)] for end in ("id", "twin"))
    return [(a, b) for a, b in zip(*ends, strict=True) if {a, b} <= side.keys() and side[a] != side[b]]


def test_chains_join_rows_also_through_equal_images_and_other_splits(store):
    together = dividing(store, "near").images_together
    assert set(together[5:13]) == {5}
    assert together[1] == together[41] == together[30] == 1  # 1 and 41 have equal pixels
    assert together[38] == together[39] == 38
    assert (np.bincount(together, minlength=60)[[0, 13, 59]] == [2, 1, 1]).all()
    assert (store.images_together == store.equal_images).all()  # the store itself stays as it was
    assert dividing(store, "equal") is store


def test_groups_of_near_duplicates_are_counted_without_groups_of_equal_pixels(store):
    found = near_together(store)
    assert (found.num_groups, found.largest, found.num_rows) == (5, 8, 8 + 3 + 2 + 2 + 2)


KINDS = [
    KFold(k=3),
    KFold(k=3, stratified=True),
    KFold(k=3, by="expression"),
    RandomSplit(test=0.3, seed=None),
    LeaveOneOut(by="subject"),
]


@pytest.mark.parametrize("folds", KINDS[:2], ids=["k_fold", "stratified"])
def test_without_the_option_drawn_folds_do_divide_near_duplicates(store, folds):
    folds = type(folds)(**{**vars(folds), "fold": 1})
    splits = [split_by_fold(store, folds, "best", 0.3, seed) for seed in SEEDS]
    assert any(shared(store, np.concatenate([s.train, s.validation]), s.evaluation) for s in splits)


@pytest.mark.parametrize("kind", [*range(len(KINDS)), "file"])
def test_no_near_duplicate_is_in_two_of_training_validation_and_the_evaluated_fold(store, tmp_path, kind):
    (tmp_path / "folds.csv").write_text("id,fold\n" + "".join(f"face{i:02d},{i % 3}\n" for i in range(60)))
    folds = FileFolds(path=tmp_path / "folds.csv") if kind == "file" else KINDS[kind]
    near = dividing(store, "near")
    if getattr(folds, "by", None) == "expression":  # both classes are of one chain, so that nothing is left to divide
        with pytest.raises(ConfigError, match="groups that stay together"):
            folds.assign(near, 0)
        return
    left_out = 0
    for fold in range(1, folds.count(near) + 1):
        chosen = type(folds)(**{**vars(folds), "fold": None if folds.is_single else fold})
        for seed in SEEDS if fold == 1 else [0]:
            split = split_by_fold(near, chosen, "best", 0.4, seed)
            assert not shared(store, split.train, split.validation, split.evaluation)
            left_out += 60 - len(split.train) - len(split.validation) - len(split.evaluation)
    given = isinstance(folds, LeaveOneOut | FileFolds)  # rows beside the evaluated ones are not trained on
    assert (left_out > 0) == given


@pytest.mark.parametrize("share", [None, 0.5])
def test_a_holdout_of_the_training_split_keeps_them_on_one_side(store, share):
    near = dividing(store, "near")
    for seed in SEEDS:
        split = split_rows(near, "best", 0.3, seed, train_share=share)
        assert not shared(store, split.train, split.validation)
        assert (split.evaluation == store.rows("test")).all()  # the official test split stays as it is
    plain = [split_rows(store, "best", 0.3, seed) for seed in SEEDS]
    assert any(shared(store, one.train, one.validation) for one in plain)


@pytest.mark.parametrize(
    ("divide", "part"),
    [
        (lambda store: KFold(k=8).assign(store, 0), "folds.k=8"),
        (lambda store: RandomSplit(test=0.13).assign(store, 0), "folds.test=0.13"),
        (lambda store: split_rows(store, "best", 0.1, 0), "selection.holdout=0.1"),
    ],
    ids=["folds", "random split", "holdout"],
)
def test_a_chain_that_is_larger_than_the_part_is_refused(store, divide, part):
    with pytest.raises(ConfigError, match=rf"near-duplicates join 8 of \d+ rows to one group, .* of {part}"):
        divide(dividing(store, "near"))
    divide(store)


def test_a_store_without_an_audit_of_this_content_is_refused_with_the_command(tmp_path):
    never = Store(write_twins(tmp_path / "never"))
    with pytest.raises(DataError, match=f"found none. Find them with: fercli audit {never.path}"):
        dividing(never, "near")
    older = audited(tmp_path / "older").path
    content = (older / NEAR_FILE).read_bytes()
    describe(older, fingerprint="changed")
    (older / NEAR_FILE).write_bytes(content)  # as preprocessing deletes it, somebody has put it back
    with pytest.raises(DataError, match="it has changed since its audit"):
        dividing(Store(older), "near")
    with pytest.raises(ConfigError, match="twins"):
        dividing(never, "all")


def test_the_digest_is_of_the_pairs_and_not_of_their_order_or_similarity(tmp_path):
    one = near_together(audited(tmp_path / "one")).digest
    turned = [(other, first) for first, other in reversed(PAIRS)]
    assert near_together(audited(tmp_path / "same", turned, 0.9)).digest == one
    assert near_together(audited(tmp_path / "other", PAIRS[:-1])).digest != one
