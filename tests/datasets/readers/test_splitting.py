"""A drawn split is stratified, keeps subjects together, and depends on the seed alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.datasets.readers.splitting import split_of, with_splits
from fercli.records import Record


def records(num_records, num_classes=3, num_subjects=None, seed=0):
    rng = np.random.default_rng(seed)
    subjects = (
        [None] * num_records
        if num_subjects is None
        else [f"s{i}" for i in rng.integers(num_subjects, size=num_records)]
    )
    return [
        Record(f"i{i:04d}", "", f"{i}.png", expression=f"c{i % num_classes}", subject=subjects[i])
        for i in range(num_records)
    ]


def split_by_id(drawn):
    return {record.id: record.split for record in drawn}


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("Train", "train"),
        ("TRAINING", "train"),
        (" valid ", "val"),
        ("validation", "val"),
        ("testing", "test"),
        ("happy", None),
    ],
)
def test_words_for_splits(word, split):
    assert split_of(word) == split


def test_every_class_is_divided_by_the_fractions():
    counts = Counter((record.expression, record.split) for record in with_splits(records(300), seed=0))
    assert counts == {(f"c{k}", split): n for k in range(3) for split, n in (("train", 70), ("val", 10), ("test", 20))}


@pytest.mark.parametrize("num_per_class", [3, 4, 5, 6])
def test_classes_too_small_to_divide_still_give_every_split_its_share(num_per_class):
    num_records = 8 * num_per_class
    counts = Counter(record.split for record in with_splits(records(num_records, num_classes=8), seed=0))
    for split, fraction in (("train", 0.7), ("val", 0.1), ("test", 0.2)):
        assert counts[split] > 0
        assert counts[split] == pytest.approx(fraction * num_records, abs=3)


def test_subjects_stay_together_and_the_shares_are_close():
    drawn = list(with_splits(records(1000, num_subjects=60), seed=3))
    splits_by_subject = {}
    for record in drawn:
        splits_by_subject.setdefault(record.subject, set()).add(record.split)
    assert all(len(splits) == 1 for splits in splits_by_subject.values())
    for expression in ("c0", "c1", "c2"):
        counts = Counter(record.split for record in drawn if record.expression == expression)
        shares = [counts[split] / counts.total() for split in ("train", "val", "test")]
        assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.04)


def test_a_video_stays_together_where_no_subject_is_known():
    rows = [Record(f"{i}", "", f"{i}.png", expression="c", video=f"v{i // 10}") for i in range(200)]
    drawn = list(with_splits(rows, seed=0))
    assert len({(record.video, record.split) for record in drawn}) == 20


def test_the_faces_of_an_image_stay_together_and_leave_the_draw_of_other_rows_as_it_is():
    faces = [Record(f"{i}", "", f"{i // 3}.png", expression=f"c{i % 2}") for i in range(300)]
    drawn = list(with_splits(faces, seed=0))
    assert len({(record.image, record.split) for record in drawn}) == 100
    assert Counter(record.split for record in drawn) == {"train": 210, "val": 30, "test": 60}
    alone = [replace(row, image=row.id) for row in records(100)]
    assert split_by_id(with_splits(alone, 0)) == split_by_id(with_splits(records(100), 0))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 5), st.integers(0, 5), st.randoms())
def test_the_order_of_the_rows_does_not_matter(num_records, num_classes, seed, random):
    rows = records(num_records, num_classes)
    shuffled = random.sample(rows, len(rows))
    drawn = list(with_splits(rows, seed))
    assert [record.id for record in drawn] == [row.id for row in rows]
    assert split_by_id(drawn) == split_by_id(with_splits(shuffled, seed))


def test_another_seed_draws_otherwise():
    assert split_by_id(with_splits(records(100), 0)) != split_by_id(with_splits(records(100), 1))
