"""Tables of tests: the claims of a source with their verdicts, and every row held against the first."""

from collections.abc import Sequence

from fercli.reports.columns import metric_column
from fercli.reports.layout import number
from fercli.reports.table import Block, Cell, Column, Row, Table
from fercli.studies.aggregate import Results
from fercli.studies.claims import Comparison, Corrected, Verdict, corrected, verdicts
from fercli.studies.differences import printed_pair_compares
from fercli.studies.printed import published_number
from fercli.studies.significance import EXACT_SEEDS, FEWEST_SEEDS, LEVEL, MOST_SEEDS, NUM_FLIPS, POWER
from fercli.studies.study import Claim, StudyRow

PROBABILITIES = (
    Column("p_seeds", "p seeds", decimals=3, is_probability=True),
    Column("p_flips", "p flips", decimals=3, is_probability=True),
    Column("p_samples", "p samples", decimals=3, is_probability=True),
)
VERDICTS = (
    f"Verdict: p seeds below {LEVEL} with at least {FEWEST_SEEDS} seeds, confirmed or refuted by the side of the "
    f"difference; else undecided. Seeds needed: for {100 * POWER:.0f} % power of the paired t test at {LEVEL} / number "
    "of claims, were mean and spread of the differences as measured; a rough number."
)
PRINTED = (
    "As printed: a row that is only quoted, its number taken as exact; p seeds is then the one-sample t test, p "
    "samples a bootstrap of the runs' own metric, and the error of that number, over trainings and samples, is in no p."
)


def claims_table(results: Results) -> Table:
    """One row a claim: difference with its paired interval, what the source printed, the tests, the verdict."""
    plan, study = results.plan, results.plan.study
    columns = [
        _difference(study.claims),
        Column("published", "published"),
        Column("verdict", "verdict"),
        *PROBABILITIES,
        Column("seeds", "seeds needed"),
    ]
    where = f", judged on {plan.data}" if plan.other_data else ""
    rows = [_claim_row(results, found) for found in verdicts(results)]
    title = f"Claims of {study.source}, {study.table}{where}"
    notes = [_tests(results), VERDICTS, *([PRINTED] if any(map(study.quoted, study.claims)) else [])]
    return Table(title, columns, [Block("", rows)], label="claim", notes=notes)


def pairs_table(results: Results) -> Table | None:
    """Every trained row against the first, a block for each metric; None for a study of a single trained row."""
    study = results.plan.study
    first, *others = study.trained
    if not others:
        return None
    pairs = [Claim(row.label, first.label, metric) for metric in study.metrics for row in others]
    columns = [
        _difference(pairs),
        *PROBABILITIES,
        Column("counts", "only one right"),
    ]
    blocks: dict[str, list[Row]] = {}
    for tests in corrected(results, pairs):
        found = tests.comparison
        cells = _cells(tests)
        if found.counts is not None:
            cells["counts"] = Cell(text=f"{found.counts.only_better} : {found.counts.only_worse}")
        title = metric_column(found.claim.metric).label
        blocks.setdefault(title, []).append(Row(found.claim.better, cells))
    parts = [Block(title, rows) for title, rows in blocks.items()]
    return Table(f"Tests against {first.label}", columns, parts, notes=(_tests(results),))


def _tests(results: Results) -> str:
    number = results.predictions.num_resamples
    return (
        "Difference: mean over common seeds (their number) [95 % t interval]. All p are two-sided, after Holm's "
        "correction for this table. p seeds: paired t test, for which the differences are normal. p flips: sign-flip "
        f"permutation test over seeds, exact up to {EXACT_SEEDS} seeds and no less than 2 / 2^n before correction; "
        f"with more seeds, by {NUM_FLIPS:,} random flips. p samples: for these very networks; McNemar's exact test "
        "with the answers of all seeds to a sample kept together (accuracy), or paired bootstrap, which with its "
        f"{number:,} resamples is no less than 2 / {number + 1:,} before correction."
    )


def _claim_row(results: Results, verdict: Verdict) -> Row:
    study, found = results.plan.study, verdict.tests.comparison
    claim, seen = found.claim, found.over_seeds
    column = metric_column(claim.metric)
    quoted = study.quoted(claim)
    why: tuple[str, ...] = (found.reason,) if found.reason and not seen.n else ()
    why += (f"the printed numbers say otherwise: {claim.against_print}",) if claim.against_print else ()
    cells = _cells(verdict.tests) | {"verdict": Cell(text=verdict.outcome + _reason(found, quoted), notes=why)}
    if verdict.outcome == "undecided" and seen.n > 1:
        needed = verdict.seeds_needed
        cells["seeds"] = Cell(text=f"more than {MOST_SEEDS}" if needed is None else str(needed))
    rows = {row.label: row for row in study.rows}
    printed = [published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse)]
    of_one_protocol = printed_pair_compares(study, rows[claim.better], rows[claim.worse], claim.metric)
    if printed[0] is not None and printed[1] is not None and of_one_protocol:
        cells["published"] = Cell(text=number(printed[0] - printed[1], column.decimals, signed=True))
    sign = "<" if column.higher_is_better is False else ">"
    names = (f"{name} as printed" if quoted and name == quoted.label else name for name in (claim.better, claim.worse))
    return Row(f"{f' {sign} '.join(names)} ({column.label})", cells)


def _cells(tests: Corrected) -> dict[str, Cell]:
    found, seen = tests.comparison, tests.comparison.over_seeds
    notes = (found.reason,) if found.reason else ()
    return {
        "difference": Cell(seen.mean, n=seen.n or None, low=seen.low, high=seen.high),
        "p_seeds": Cell(tests.p_seeds),
        "p_flips": Cell(tests.p_flips),
        "p_samples": Cell(tests.p_samples, text="not tested" if notes else "", notes=notes),
    }


def _reason(found: Comparison, quoted: StudyRow | None) -> str:
    n = found.over_seeds.n
    if n == 0 and quoted is not None:
        return " (not compared)" if found.reason else " (no seed)"
    return {0: " (no common seed)", 1: " (n = 1: a single seed)"}.get(n, f" ({n} seeds)" if n < FEWEST_SEEDS else "")


def _difference(claims: Sequence[Claim]) -> Column:
    columns = [metric_column(claim.metric) for claim in claims]
    unit = "points" if all(column.unit == "%" for column in columns) else ""
    return Column("difference", "difference", unit, decimals=max(column.decimals for column in columns))
