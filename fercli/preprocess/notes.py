"""Sentences for the user on the rows of a data set: how they differ from the published ones."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fercli.preprocess.notes_on_people import groups_of_people, shared_subjects
from fercli.records import ALL_SPLITS, SPLITS, DataInfo, Record, Reject


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
        *shared_subjects(records),
        *groups_of_people(record for record in records if record.id not in left_out),
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
