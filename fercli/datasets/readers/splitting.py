"""Splits: the words that releases use for them, and a stratified draw where a data set has none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fercli.records import Record

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}

FRACTIONS = {"train": 0.7, "val": 0.1, "test": 0.2}


def split_of(word: str) -> str | None:
    """Return the split that a word such as `Training` names; None for any other word."""
    return SPLIT_WORDS.get(word.strip().lower())


def drawn_rule(seed: int) -> str:
    """Return the split rule of `with_splits` in words."""
    train, val, test = (f"{100 * FRACTIONS[name]:.0f}" for name in ("train", "val", "test"))
    return f"random {train}/{val}/{test}, seed {seed}; a person, a video or an image is in one split"


def with_splits(records: Sequence[Record], seed: int, fractions: Mapping[str, float] = FRACTIONS) -> Iterator[Record]:
    """Yield the records with a drawn split, stratified by expression.

    The records of one subject stay together, else those of one video, else those of one image file with several faces.
    The draw depends on ids, labels and the seed, not on the order of the records. Groups are placed in random order,
    larger groups first. Each group goes to the split in which its classes, and all classes together, are furthest
    below their share.
    """
    faces = Counter(record.image for record in records if isinstance(record.image, str))
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        groups[_group(record, faces)].append(record)
    total = _count(records)
    wanted = {split: {label: fraction * n for label, n in total.items()} for split, fraction in fractions.items()}
    names = sorted(groups)
    shuffled = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    split_by_group = {}
    for name in sorted(shuffled, key=lambda group: -len(groups[group])):
        counts = _count(groups[name])
        # Relative to the size of the class: a rare class counts as much as a frequent one.
        shortage = {
            split: sum(n * want[label] / total[label] for label, n in counts.items()) for split, want in wanted.items()
        }
        chosen = max(shortage, key=lambda split: shortage[split])
        split_by_group[name] = chosen
        for label, n in counts.items():
            wanted[chosen][label] -= n
    for record in records:
        yield replace(record, split=split_by_group[_group(record, faces)])


def _count(records: Iterable[Record]) -> Counter[tuple[str, str | None]]:
    """Count the records of each class, and of all classes together."""
    return Counter(label for record in records for label in (("class", record.expression), ("all", None)))


def _group(record: Record, faces: Mapping[str, int]) -> str:
    """Return what a record shares with others; `faces` is the number of records of each image file."""
    if record.subject is not None:
        return f"subject {record.subject}"
    if record.video is not None:
        return f"video {record.video}"
    has_others = isinstance(record.image, str) and faces[record.image] > 1
    return f"image {record.image}" if has_others else f"id {record.id}"
