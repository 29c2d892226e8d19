"""Sentences on oddities of the raw data, which may be mistakes: in encodings, in file names, or in class names."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

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
# A class may be misspelt if its name is this similar to that of a class with at least this many times its rows.
SIMILAR, TIMES_RARER = 0.75, 20
MOST_NAMES = 10
FILE_MISSING, WITHOUT_ROW = " file missing", " without label row"


def oddities(
    source: Source, kept: Mapping[str, Mapping[str, int]], rejects: Sequence[Reject], classes: Sequence[str]
) -> Iterator[str]:
    """Yield sentences on data that were not read exactly as written, unmatched file names, and suspicious classes.

    Args:
        kept: number of rows by split and class; it may also count rows without a class.
        classes: names of the classes.
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
    counts = Counter[str]()
    for by_class in kept.values():
        counts.update({name: number for name, number in by_class.items() if name in classes})
    yield from _suspicious(counts)
    evaluated = {name for split, by_class in kept.items() if split != "train" for name in by_class}
    trained = kept.get("train", {})
    if evaluated & set(trained):  # else retrieval, which is evaluated on classes of its own
        yield from _never_trained(counts, trained)


def _never_trained(classes: Mapping[str, int], trained: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence on classes without a training row, with the class that may be meant."""
    if unknown := [name for name in classes if name not in trained]:
        near = {name: get_close_matches(name, list(trained), n=1, cutoff=SIMILAR) for name in unknown[:MOST_NAMES]}
        listed = ", ".join(
            f"{printable(name)} ({classes[name]:,}{f'; misspelt for {printable(other[0])}?' if other else ''})"
            for name, other in near.items()
        )
        more = f" and {len(unknown) - MOST_NAMES:,} more" if len(unknown) > MOST_NAMES else ""
        wrong = "no network can learn them, so all their rows count as wrong"
        yield f"classes without a training row: {listed}{more}; {wrong}"


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
    for rare in classes:
        frequent = [name for name in classes if classes[name] >= TIMES_RARER * classes[rare]]
        if not any(map(str.isdecimal, rare)) and (near := get_close_matches(rare, frequent, n=1, cutoff=SIMILAR)):
            example = f"'data.reader.relabel={{{printable(rare)}: {printable(near[0])}}}'"
            yield f"suspicious class, which may be misspelt: {listed([rare])} for {listed(near)}; {example} joins them"
