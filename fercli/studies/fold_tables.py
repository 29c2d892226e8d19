"""The table of a cross-validation: pooled numbers beside those of the folds."""

from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.fold_tests import fold_tests
from fercli.studies.folds import FoldValues, fold_values
from fercli.tables.layout import number
from fercli.tables.table import Block, Cell, Column, Row, Table

POOLED, MEAN, EITHER = "pooled", "mean over folds", "either"
ABOUT = (
    "Pooled: the metric of the predictions of all folds joined, each row evaluated once per seed; mean over seeds "
    "(their number) [95 % interval, as in the table of the study]. Mean over folds: each fold alone, mean ± "
    "standard deviation (number of folds of all seeds). The standard deviation says how folds differ. It is not the "
    "error of the mean, because the training sets overlap."
)
WHICH = (
    "Use: correlations such as CCC, root mean squared errors, F1 and class means are not means over rows. In a small "
    "fold they are noisy, biased or not defined: use the pooled number. Accuracy and MAE are means over rows; pooled, "
    "they are the mean of the folds by their sizes: either. A metric that compares the outputs of one network with "
    "each other has no pooled number: use the mean over folds."
)


def fold_tables(results: Results) -> dict[str, Table]:
    """Return `folds` and, where rows are compared, `fold_tests`; empty without a finished cross-validation."""
    shown = {
        (label, metric): found
        for metric in results.plan.study.metrics
        for label in results.labels
        if len((found := fold_values(results, label, metric)).values)
    }
    if not shown:
        return {}
    tests = fold_tests(results, shown)
    return {"folds": _numbers(results, shown)} | ({} if tests is None else {"fold_tests": tests})


def which(results: Results, label: str, metric: str) -> str:
    """Return which number of a cross-validation represents a metric: the pooled one, the mean over folds, or either."""
    if results.of(label, metric).empty or results.of(label)["num_folds"].iloc[0] == 1:
        return MEAN
    runs = (RunFolder(path).read_metrics() for path in results.folders(label).values())
    return EITHER if all(run["cross_validation"]["is_mean"].get(metric, False) for run in runs) else POOLED


def _numbers(results: Results, shown: dict[tuple[str, str], FoldValues]) -> Table:
    names = {"pooled": POOLED, "mean": MEAN, "range": "lowest to highest", "use": "use"}
    columns = [Column(key, label) for key, label in names.items()]
    blocks: dict[str, list[Row]] = {}
    for (label, metric), found in shown.items():
        column = results.column(metric)
        title = f"{column.label} ({column.unit})" if column.unit else column.label
        cells = _of_folds(found, column.decimals) | {"use": Cell(text=which(results, label, metric))}
        values = [*results.values(label, metric).values()]
        if values and results.of(label)["num_folds"].iloc[0] != 1:
            cells["pooled"] = _pooled(results, label, metric, values)
        blocks.setdefault(title, []).append(Row(label, cells))
    return Table("Folds", columns, [Block(*block) for block in blocks.items()], notes=(ABOUT, WHICH))


def _pooled(results: Results, label: str, metric: str, values: list[float]) -> Cell:
    try:
        low, high = results.interval(label, metric) or (None, None)
    except RunError:
        low = high = None
    decimals = results.column(metric).decimals
    n = len(values) if len(values) > 1 else None
    return Cell(sum(values) / len(values), n=n, low=low, high=high, decimals=decimals)


def _of_folds(found: FoldValues, decimals: int) -> dict[str, Cell]:
    known, lacking = found.known, len(found.values) - len(found.known)
    notes = (f"{lacking} of {len(found.values)} folds cannot compute it",) if lacking else ()
    if not len(known):
        return {"mean": Cell(text="not defined", notes=notes)}
    sd = float(known.std(ddof=1)) if len(known) > 1 else None
    ends = " to ".join(number(end, decimals) for end in (known.min(), known.max()))
    return {
        "mean": Cell(float(known.mean()), sd=sd, n=len(known), notes=notes, decimals=decimals),
        "range": Cell(text=ends),
    }
