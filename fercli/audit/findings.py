"""What an audit found, counted: twins by splits, people and recordings in several splits, contradicting labels."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fercli.audit.audit import Audit
from fercli.datasets.store import Store
from fercli.datasets.twins import EQUAL, EQUAL_FILE, KINDS, NEAR
from fercli.fields import NUMBERS
from fercli.records import SPLITS

SHARED = ("subject", "video", "session")


@dataclass(frozen=True, slots=True)
class TwinCount:
    """Rows of one split with a twin in another split, or in the same one.

    Attributes:
        split: of the first rows; `twin_split` of the rows that are counted.
        num_rows: rows of `twin_split`.
        equal_files: rows whose stored bytes are equal to those of a row of `split`.
        equal_pixels: rows whose pixels are equal, those with equal bytes among them.
        near: rows with a near-duplicate.
        any: rows with any of these.
    """

    split: str
    twin_split: str
    num_rows: int
    equal_files: int
    equal_pixels: int
    near: int
    any: int


@dataclass(frozen=True, slots=True)
class SharedCount:
    """People, videos or sessions that are in more than one split."""

    field: str
    splits: str
    number: int
    example: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Pairs of twins with a different label.

    Attributes:
        label: `expression`, `top vote`, or a number such as `valence`.
        kind: `equal pixels` or `near-duplicate`.
        pairs: pairs that both have the label.
        differ: pairs with different labels.
        groups: groups of equal images that hold different labels; None for near-duplicates.
    """

    label: str
    kind: str
    pairs: int
    differ: int
    groups: int | None


def twin_counts(audit: Audit) -> list[TwinCount]:
    """Count the rows with twins, for each pair of splits that has any."""
    found: dict[tuple[str, str], dict[str, set[int]]] = {}
    for kind, split, twin_split, rows in _twin_rows(audit):
        of_pair = found.setdefault((split, twin_split), {name: set() for name in KINDS})
        of_pair[kind].update(rows)
    counts = []
    found = {pair: kinds for pair, kinds in found.items() if any(kinds.values())}
    for split, twin_split in sorted(found, key=lambda pair: [SPLITS.index(name) for name in pair]):
        files, pixels, near = (found[split, twin_split][kind] for kind in KINDS)
        sizes = (len(audit.other.rows(twin_split)), len(files), len(files | pixels), len(near))
        counts.append(TwinCount(split, twin_split, *sizes, any=len(files | pixels | near)))
    return counts


def _twin_rows(audit: Audit) -> Iterator[tuple[str, str, str, list[int]]]:
    """Yield (kind, split, other split, rows of the other split that have a twin in the first split).

    Recorded pairs stand for groups: near pairs are pairs of the first rows of equal images. Groups are counted split by
    split, so that many equal images do not give a square number of pairs.
    """
    own, other = _members(audit.store), _members(audit.other)
    split, twin_split = audit.store.column("split"), audit.other.column("split")
    same_file = set()
    for name, twin, kind in _ends(audit):
        first, second = audit.store.rows_of[name], audit.other.rows_of[twin]
        if kind == EQUAL_FILE:
            same_file.add(second)
        if kind == NEAR or not audit.within:
            twins = other.get(second, [second]) if kind == NEAR else [second]
            groups = _by_split(split, own.get(first, [first])), _by_split(twin_split, twins)
            yield from _within(kind, *groups) if audit.within else _between(kind, *groups)
    for rows in own.values() if audit.within else ():
        yield from _of_group(EQUAL, _by_split(split, rows))
        yield from _of_group(EQUAL_FILE, _by_split(split, [rows[0], *(row for row in rows if row in same_file)]))


def _of_group(kind: str, group: dict[str, list[int]]) -> Iterator[tuple[str, str, str, list[int]]]:
    """Yield the rows that count in a group of twins: in one split all but the first, else those of the later split."""
    for split, rows in group.items():
        yield kind, split, split, rows[1:]
        for twin_split, twins in group.items():
            if SPLITS.index(split) < SPLITS.index(twin_split):
                yield kind, split, twin_split, twins


def _between(
    kind: str, one: dict[str, list[int]], other: dict[str, list[int]]
) -> Iterator[tuple[str, str, str, list[int]]]:
    for split in one:
        for twin_split, twins in other.items():
            yield kind, split, twin_split, twins


def _within(
    kind: str, one: dict[str, list[int]], other: dict[str, list[int]]
) -> Iterator[tuple[str, str, str, list[int]]]:
    """Yield the rows that count when two groups are near: those of the later split, within a split the later group."""
    for split, rows in one.items():
        for twin_split, twins in other.items():
            if split == twin_split:
                yield kind, split, split, twins if rows[0] < twins[0] else rows
            elif SPLITS.index(split) < SPLITS.index(twin_split):
                yield kind, split, twin_split, twins
            else:
                yield kind, twin_split, split, rows


def _by_split(splits: np.ndarray, rows: list[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(splits[row], []).append(row)
    return found


def _members(store: Store) -> dict[int, list[int]]:
    """Return the rows of each group of equal images with more than one row, by its first row."""
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(store.equal_images != np.arange(len(store))):
        first = int(store.equal_images[row])
        members.setdefault(first, [first]).append(int(row))
    return members


def shared_counts(store: Store) -> list[SharedCount]:
    """Count the people, videos and sessions that are in more than one split of a store."""
    found = []
    splits = store.column("split")
    for field in SHARED:
        names = store.column(field)
        where: dict[str, set[str]] = {}
        for name, split in zip(names, splits, strict=True):
            if name is not None:
                where.setdefault(name, set()).add(split)
        groups: dict[str, list[str]] = {}
        for name, of_name in sorted(where.items()):
            if len(of_name) > 1:
                groups.setdefault(" and ".join(split for split in SPLITS if split in of_name), []).append(name)
        found += [SharedCount(field, where, len(names), names[0]) for where, names in sorted(groups.items())]
    return found


def contradictions(audit: Audit) -> list[Contradiction]:
    """Count the twins with different labels, for each label that twins have."""
    rows = [(audit.store.rows_of[a], audit.other.rows_of[b], kind) for a, b, kind in _ends(audit)]
    counts = []
    own, other = labels_of(audit.store), labels_of(audit.other)
    members = _members(audit.store).values() if audit.within else []
    for label in own:
        if label not in other:
            continue
        for kind in (EQUAL, NEAR):
            known = [
                (own[label][a], other[label][b])
                for a, b, found in rows
                if (found == NEAR) == (kind == NEAR) and own[label][a] is not None and other[label][b] is not None
            ]
            groups = None
            if kind != NEAR and audit.within:
                groups = sum(len({own[label][row] for row in group} - {None}) > 1 for group in members)
            if known:
                counts.append(Contradiction(label, kind, len(known), sum(a != b for a, b in known), groups))
    return counts


def _ends(audit: Audit) -> Iterator[tuple[str, str, str]]:
    columns = (audit.pairs.column(name).to_pylist() for name in ("id", "twin", "kind"))
    yield from zip(*columns, strict=True)


def labels_of(store: Store) -> dict[str, list[str | float | None]]:
    """Return the labels of every row that the store has: expression, top vote and numbers; None where unknown.

    The top vote is the class with the most votes, if it is one; only where some rows have no expression.
    """
    found: dict[str, list[str | float | None]] = {"expression": [*store.column("expression")]}
    votes = store.votes
    if None in found["expression"] and store.classes and not np.isnan(votes).all():
        counts = np.nan_to_num(votes)
        top = counts == counts.max(axis=1, keepdims=True)
        alone = (top.sum(axis=1) == 1) & ~np.isnan(votes).all(axis=1)
        found["top vote"] = [store.classes[i] if ok else None for i, ok in zip(top.argmax(1), alone, strict=True)]
    for name in NUMBERS:
        values = store.column(name)
        if name != "time" and not np.isnan(values).all():
            found[name] = [None if np.isnan(value) else float(value) for value in values]
    return {name: values for name, values in found.items() if any(value is not None for value in values)}
