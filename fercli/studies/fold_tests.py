"""The table of tests over the folds of a cross-validation."""

from fercli.errors import RunError
from fercli.ops.holm import holm
from fercli.studies.aggregate import Results
from fercli.studies.folds import FoldValues, over_folds
from fercli.studies.resampled_t import CorrectedT
from fercli.tables.table import Block, Cell, Column, Row, Table

TESTS = (
    "Difference: mean over the common folds of all seeds (their number) [95 % interval]. Interval and p are of the "
    "corrected resampled t test (Nadeau and Bengio 2003), which allows for overlapping training sets; p is two-sided, "
    "after Holm's correction for this table."
)


def fold_tests(results: Results, shown: dict[tuple[str, str], FoldValues]) -> Table | None:
    """Return the differences of every row to the first; the table of claims has those that the study claims."""
    first, *others = results.labels
    pairs = [(label, first, metric) for metric in results.plan.study.metrics for label in others]
    pairs = [(one, other, metric) for one, other, metric in pairs if {(one, metric), (other, metric)} <= shown.keys()]
    if not pairs:
        return None
    found: list[CorrectedT | str] = []
    for one, other, metric in pairs:
        try:
            found.append(over_folds(shown[one, metric], shown[other, metric]))
        except RunError as error:
            found.append(str(error))
    p = holm([None if isinstance(test, str) else test.p for test in found])
    blocks: dict[str, list[Row]] = {}
    for (one, other, metric), test, corrected in zip(pairs, found, p, strict=True):
        column = results.column(metric)
        title = f"{column.label} (points)" if column.unit == "%" else column.label
        blocks.setdefault(title, []).append(Row(f"{one} minus {other}", _test(test, corrected, column.decimals)))
    columns = [Column("difference", "difference"), Column("p", "p folds", decimals=3, is_probability=True)]
    return Table("Tests over folds", columns, [Block(*block) for block in blocks.items()], notes=(TESTS,))


def _test(found: CorrectedT | str, p: float | None, decimals: int) -> dict[str, Cell]:
    if isinstance(found, str):
        return {"p": Cell(text="not tested", notes=(found,))}
    return {
        "difference": Cell(found.mean, n=found.num_folds, low=found.low, high=found.high, decimals=decimals),
        "p": Cell(p, text="" if p is not None else "no spread"),
    }
