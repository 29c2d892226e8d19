"""Sentences on the people of a data set: who is in several splits, and how many rows each group has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fercli.records import GROUPS, SPLITS, Record

UNKNOWN = "unknown"


def shared_subjects(records: Iterable[Record]) -> Iterator[str]:
    """Yield a sentence on people who are in more than one split."""
    splits: dict[str, set[str]] = {}
    for record in records:
        if record.subject is not None:
            splits.setdefault(record.subject, set()).add(record.split)
    shared: dict[str, list[str]] = {}
    for subject, where in sorted(splits.items()):
        if len(where) > 1:
            shared.setdefault(" and ".join(split for split in SPLITS if split in where), []).append(subject)
    if shared:
        listed = "; ".join(f"{where}: {_listed(subjects)}" for where, subjects in sorted(shared.items()))
        number = sum(map(len, shared.values()))
        yield f"{number:,} of {len(splits):,} subjects are in more than one split ({listed})"


def groups_of_people(records: Iterable[Record]) -> Iterator[str]:
    """Yield a sentence for each attribute that some rows have: the number of rows in each group, and in none."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in GROUPS}
    for record in records:
        for name, counter in counts.items():
            counter[getattr(record, name) or UNKNOWN] += 1
    for name, counter in counts.items():
        if set(counter) - {UNKNOWN}:
            words = sorted(counter, key=lambda word: (word == UNKNOWN, word))
            yield f"{name.replace('_', ' ')}: {', '.join(f'{counter[word]:,} {word}' for word in words)}"


def _listed(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")
