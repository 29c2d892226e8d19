"""What became of every row: kept, or left out for a reason."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fercli.records import SPLITS, DataInfo, Record, Reject

UNLABELLED = "unlabelled"


@dataclass(frozen=True)
class Summary:
    """The closing account of a preprocessing.

    Attributes:
        kept: rows by split and class; rows without an expression count as `unlabelled`.
        rejects: every row left out.
        notes: sentences for the user.
        num_written: shards written now; 0 where all were there.
    """

    kept: dict[str, dict[str, int]]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...] = ()
    num_written: int = 0

    @property
    def num_rows(self) -> int:
        """Rows kept."""
        return sum(sum(classes.values()) for classes in self.kept.values())

    @property
    def reasons(self) -> dict[str, int]:
        """Rows left out by reason, the most frequent first."""
        return by_reason(self.rejects)


def by_reason(rejects: Iterable[Reject]) -> dict[str, int]:
    """Number of rejects for each reason, the most frequent first, equal ones by name."""
    counts = Counter(reject.reason for reject in rejects)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def count_kept(
    records: Sequence[Record], rejects: Iterable[Reject], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Rows by split and class, in label order, without those left out; only splits and classes that have rows."""
    left_out = {reject.id for reject in rejects}
    counts = Counter((r.split, r.expression or UNLABELLED) for r in records if r.id not in left_out)
    kept = {split: {c: counts[split, c] for c in (*classes, UNLABELLED) if counts[split, c]} for split in SPLITS}
    return {split: by_class for split, by_class in kept.items() if by_class}


def notes(info: DataInfo, kept: dict[str, dict[str, int]], rejects: Iterable[Reject]) -> tuple[str, ...]:
    """The reader's own notes, and one for each split whose size is not the published one."""
    found = Counter(reject.split for reject in rejects)
    found.update({split: sum(classes.values()) for split, classes in kept.items()})
    expected: dict[str, int] = info.extra.get("expected_counts", {})
    return info.notes + tuple(
        f"{info.title} has {num:,} {split} rows as published; found {found[split]:,}"
        for split, num in expected.items()
        if found[split] != num
    )
