"""The result for every row: kept, or left out for a reason."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from fercli.preprocess.files import Counted
from fercli.records import SPLITS, Record, Reject

SCORED, UNLABELLED = "scored", "unlabelled"


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
