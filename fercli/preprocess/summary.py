"""The result for every row: kept, or left out for a reason."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fercli.preprocess.files import Counted
from fercli.records import ALL_SPLITS, GROUPS, SPLITS, DataInfo, Record, Reject

SCORED, UNLABELLED, UNKNOWN = "scored", "unlabelled", "unknown"


@dataclass(frozen=True)
class Summary:
    """The summary of a preprocessing.

    Attributes:
        kept: number of rows by split and class; rows without an expression count as `scored` or `unlabelled`.
        rejects: every row that was left out.
        notes: sentences for the user.
        num_written: number of shards written now; 0 if all were there already.
        unread: images and videos that neither a row nor a reject names, by suffix.
        repeats: rows with the same stored image as another row, by the splits of both rows.
        examples: a few of the kept rows, to show how they were aligned and cropped.
        understood: what was understood of the raw data, by what it is about; filled by a check.
        remedies: what the user can do about the rows that were left out, by reason.
    """

    kept: dict[str, dict[str, int]]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...] = ()
    num_written: int = 0
    unread: dict[str, Counted] = field(default_factory=dict)
    repeats: dict[tuple[str, str], Counted] = field(default_factory=dict)
    examples: tuple[Record, ...] = ()
    understood: dict[str, str] = field(default_factory=dict)
    remedies: dict[str, str] = field(default_factory=dict)

    @property
    def num_rows(self) -> int:
        """Number of kept rows."""
        return sum(sum(classes.values()) for classes in self.kept.values())

    @property
    def reasons(self) -> dict[str, int]:
        """Number of rows left out by reason, the most frequent reason first."""
        return by_reason(self.rejects)


def by_reason(rejects: Iterable[Reject]) -> dict[str, int]:
    """Count rejects by reason, the most frequent reason first, equally frequent ones by name."""
    counts = Counter(reject.reason for reject in rejects)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def count_kept(
    records: Sequence[Record],
    rejects: Iterable[Reject],
    classes: Sequence[str],
    questionnaires: Collection[str] = (),
) -> dict[str, dict[str, int]]:
    """Count kept rows by split and class, in label order; only splits and classes that have rows.

    Args:
        questionnaires: names of several scores; a row with one of them counts as scored.
    """
    left_out = {reject.id for reject in rejects}
    counts = Counter((record.split, _class(record, questionnaires)) for record in records if record.id not in left_out)
    names = (*classes, SCORED, UNLABELLED)
    kept = {split: {name: counts[split, name] for name in names if counts[split, name]} for split in SPLITS}
    return {split: by_class for split, by_class in kept.items() if by_class}


def _class(record: Record, questionnaires: Collection[str]) -> str:
    if record.expression:
        return record.expression
    is_scored = record.score is not None or any(name in questionnaires for name, _ in record.more)
    return SCORED if is_scored else UNLABELLED


def notes(
    info: DataInfo,
    kept: dict[str, dict[str, int]],
    rejects: Iterable[Reject],
    records: Sequence[Record] = (),
    without_face: int = 0,
) -> tuple[str, ...]:
    """Return sentences for the user: the reader's own notes, the number of kept videos, and notes on the rows.

    These notes are about numbers of rows or videos that differ from the published ones, people in several splits, rows
    by group of people, and rows without a face.
    """
    rejects = list(rejects)
    left_out = {reject.id for reject in rejects}
    found = Counter(reject.split for reject in rejects)
    found.update({split: sum(classes.values()) for split, classes in kept.items()})
    found[ALL_SPLITS] = found.total()
    expected: dict[str, int] = info.extra.get("expected_counts", {})
    expressions = Counter(reject.split for reject in rejects if reject.expression)
    expressions.update({split: sum(classes.values()) for split, classes in kept.items()})
    expressions[ALL_SPLITS] = expressions.total()
    with_expression: dict[str, int] = info.extra.get("expected_expressions", {})
    clips = {
        (record.split, record.video) for record in records if record.frame is not None and record.id not in left_out
    }
    videos = Counter(split for split, _ in clips)
    videos[ALL_SPLITS] = videos.total()
    expected_videos: dict[str, int] = info.extra.get("expected_videos", {})
    kept_videos = ", ".join(f"{videos[split]:,} {split}" for split in SPLITS if videos[split])
    told = [
        *([f"videos of which frames are kept: {kept_videos}"] if kept_videos else []),
        *(_unlike(info.title, "rows", s, n, found[s]) for s, n in expected.items() if found[s] != n),
        *(
            _unlike(info.title, "rows with an expression", s, n, expressions[s])
            for s, n in with_expression.items()
            if expressions[s] != n
        ),
        *_classes_unlike(info, kept, rejects),
        *(_unlike(info.title, "videos", s, n, videos[s]) for s, n in expected_videos.items() if videos[s] != n),
        *_shared_subjects(records),
        *_groups_of_people(record for record in records if record.id not in left_out),
    ]
    if without_face:
        told.append(f"{without_face:,} rows show no face that was found: the middle of the image is used instead")
    return (*info.notes, *told)


def _unlike(title: str, what: str, split: str, expected: int, found: int) -> str:
    return f"{title} has {expected:,} {split} {what} as published; found {found:,}"


def _classes_unlike(info: DataInfo, kept: dict[str, dict[str, int]], rejects: Iterable[Reject]) -> Iterator[str]:
    """Yield a sentence for each split with the published size but other class counts: its labels may be permuted."""
    expected: dict[str, dict[str, int]] = info.extra.get("expected_classes", {})
    found = Counter((reject.split, reject.expression) for reject in rejects if reject.expression)
    found.update({(split, name): number for split, classes in kept.items() for name, number in classes.items()})
    for (_, name), number in list(found.items()):
        found[ALL_SPLITS, name] += number
    for split, classes in expected.items():
        other = [
            f"{n:,} {name} (found {found[split, name]:,})" for name, n in classes.items() if found[split, name] != n
        ]
        if other and sum(found[split, name] for name in classes) == sum(classes.values()):
            yield f"published counts of {info.title} in {split}: {', '.join(other)}; check the order of its classes"


def _shared_subjects(records: Iterable[Record]) -> Iterator[str]:
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


def _groups_of_people(records: Iterable[Record]) -> Iterator[str]:
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
