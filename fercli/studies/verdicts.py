"""The claims of a source as a table: the measured difference with its interval, the printed one, the verdict."""

from fercli.errors import RunError
from fercli.reports.columns import metric_column
from fercli.reports.layout import number
from fercli.reports.table import Block, Cell, Column, Row, Table
from fercli.studies.aggregate import Results, published_number
from fercli.studies.claims import FEWEST_SEEDS, MOST_SEEDS, TEST, Verdict, judge, mcnemar
from fercli.studies.study import Claim

MCNEMAR = (
    "McNemar: samples that only the better : only the worse row gets right and the exact p value, pooled over seeds as "
    "if independent; for information, no part of the verdict."
)


def claims_table(results: Results) -> Table:
    """One row a claim: difference with its paired interval, what the source printed, the verdict, McNemar's test."""
    plan, study = results.plan, results.plan.study
    percent = all(metric_column(claim.metric).unit == "%" for claim in study.claims)
    columns = [
        Column("difference", "difference", unit="points" if percent else ""),
        Column("published", "published difference"),
        Column("verdict", "verdict"),
        Column("seeds", "seeds to decide"),
        Column("mcnemar", "McNemar"),
    ]
    where = f", judged on {plan.data}" if plan.other_data else ""
    title = f"Claims of {study.source}, {study.table}{where}"
    rows = [_claim_row(results, claim) for claim in study.claims]
    return Table(title, columns, [Block("", rows)], label="claim", notes=(TEST, MCNEMAR))


def verdict(results: Results, claim: Claim) -> Verdict:
    """The verdict on one claim."""
    better, worse = (results.values(label, claim.metric) for label in (claim.better, claim.worse))
    return judge(better, worse, metric_column(claim.metric).higher_is_better is not False)


def _claim_row(results: Results, claim: Claim) -> Row:
    study = results.plan.study
    column = metric_column(claim.metric)
    found = verdict(results, claim)
    reason = f" ({found.n} common seed{'s' * (found.n != 1)})" if found.n < FEWEST_SEEDS else ""
    cells = {
        "difference": Cell(found.difference, n=found.n or None, low=found.low, high=found.high),
        "verdict": Cell(text=found.outcome + reason),
        "mcnemar": _mcnemar_cell(results, claim),
    }
    if found.n > 1:
        cells["seeds"] = Cell(text=f"more than {MOST_SEEDS}" if found.seeds_needed is None else str(found.seeds_needed))
    rows = {row.label: row for row in study.rows}
    printed = [published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse)]
    if printed[0] is not None and printed[1] is not None:
        cells["published"] = Cell(text=number(printed[0] - printed[1], column.decimals, signed=True))
    sign = "<" if column.higher_is_better is False else ">"
    return Row(f"{claim.better} {sign} {claim.worse} ({column.label})", cells)


def _mcnemar_cell(results: Results, claim: Claim) -> Cell:
    better, worse = results.folders(claim.better), results.folders(claim.worse)
    name = "predictions.parquet"
    pairs = [(better[seed] / name, worse[seed] / name) for seed in sorted(better.keys() & worse.keys())]
    if not pairs:
        return Cell()
    try:
        found = mcnemar(pairs)
    except RunError as error:
        return Cell(text="no predictions", notes=(str(error),))
    return Cell(text=f"{found.only_better} : {found.only_worse}, p = {found.p:.2g}")
