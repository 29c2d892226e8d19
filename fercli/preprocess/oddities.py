"""Sentences on oddities of the raw data, which may be mistakes: in encodings, in file names, or in class names."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from fercli.datasets.source import Source
from fercli.errors import printable
from fercli.records import Reject

# Words that people and libraries write for a missing label, in lower case.
NO_LABEL: tuple[str, ...] = (
    "-",
    "--",
    "?",
    "missing",
    "n/a",
    "na",
    "nan",
    "nil",
    "none",
    "null",
    "undefined",
    "unknown",
    "unlabeled",
)
NO_LABEL += ("unlabelled",)
FILE_MISSING, WITHOUT_ROW = " file missing", " without label row"


def oddities(source: Source, kept: Mapping[str, Mapping[str, int]], rejects: Sequence[Reject]) -> Iterator[str]:
    """Yield sentences on data that were not read exactly as written, unmatched file names, and suspicious classes.

    Args:
        kept: number of rows by split and class.
    """
    yield from (f"{printable(name)}: {remark}" for name, remark in source.remarks.items())
    yield from (f"{n:,} {what}, such as {printable(example)}" for what, (n, example) in source.tally.items())
    missing = [row for row in rejects if row.reason.endswith(FILE_MISSING)]
    spare = [row for row in rejects if row.reason.endswith(WITHOUT_ROW)]
    if missing and spare:
        yield (
            f"{len(missing):,} rows name a file that is not there, such as {printable(missing[0].detail)}, and "
            f"{len(spare):,} files have no row, such as {printable(spare[0].id)}: compare the names"
        )
    classes = Counter[str]()
    for by_class in kept.values():
        classes.update(by_class)
    yield from _suspicious(classes)


def _suspicious(classes: Mapping[str, int]) -> Iterator[str]:
    def listed(names: Sequence[str]) -> str:
        return ", ".join(f"{printable(name)} ({classes[name]:,})" for name in names)

    if odd := [name for name in classes if name.strip().lower() in NO_LABEL]:
        example = f"'data.reader.relabel={{{printable(odd[0])}: null}}'"
        yield f"suspicious classes, which may mean a missing label: {listed(odd)}; {example} leaves their rows out"
    alike: dict[str, list[str]] = defaultdict(list)
    for name in classes:
        alike["".join(filter(str.isalnum, name.casefold())) or name].append(name)
    for names in alike.values():
        if len(names) > 1:
            example = f"'data.reader.relabel={{{printable(names[0])}: {printable(names[-1])}}}'"
            yield f"suspicious classes, which differ in form only: {listed(names)}; {example} joins them"
