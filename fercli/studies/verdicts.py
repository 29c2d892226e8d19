"""Tables of tests: the claims of a source with their verdicts, and every row compared with the first."""

from collections.abc import Sequence

from fercli.studies.aggregate import Results
from fercli.studies.claims import Comparison
from fercli.studies.corrected import Corrected, corrected
from fercli.studies.decisions import Verdict, verdicts
from fercli.studies.differences import against_print, printed_pair
from fercli.studies.fold_tests import TESTS as FOLD_TESTS
from fercli.studies.printed import published_number
from fercli.studies.significance import EXACT_SEEDS, FEWEST_SEEDS, LEVEL, MOST_SEEDS, NUM_FLIPS, POWER, Paired
from fercli.studies.study import Claim, StudyRow
from fercli.tables.layout import number
from fercli.tables.table import Block, Cell, Column, Row, Table

PROBABILITIES = (
    Column("p_seeds", "p both", decimals=3, is_probability=True),
    Column("p_flips", "p flips", decimals=3, is_probability=True),
    Column("p_samples", "p samples", decimals=3, is_probability=True),
)
OVER_FOLDS = (Column("p_folds", "p folds", decimals=3, is_probability=True),)
VERDICTS_OVER_FOLDS = (
    f"Verdict: confirmed or refuted by the sign of the difference, if p folds is below {LEVEL}; otherwise undecided."
)
VERDICTS = (
    f"Verdict: confirmed or refuted by the sign of the difference, if there are at least {FEWEST_SEEDS} seeds and p "
    f"both and p samples are below {LEVEL}; otherwise undecided. Seeds needed: for a verdict in {100 * POWER:.0f} % of "
    f"cases on this test set at {LEVEL} / number of claims, if the true difference and spreads are as measured; a "
    "rough estimate."
)
PRINTED_AND_FOLDS = "As printed: a row that is only quoted; p folds treats its number as exact."
PRINTED = (
    "As printed: a row that is only quoted. Its number comes from one training, and its spread is assumed to equal "
    "that of our row. p samples is over the samples of our runs alone; it treats the printed number as exact and from "
    "other samples."
)


def claims_table(results: Results) -> Table:
    """Return a table with one row per claim: difference and its interval, printed difference, verdict, tests."""
    plan, study = results.plan, results.plan.study
    found = verdicts(results)
    folded = any(one.tests.comparison.over_folds is not None for one in found)
    tests = OVER_FOLDS if folded else (*PROBABILITIES, Column("seeds", "seeds needed"))
    columns = [
        _difference(results, study.claims),
        Column("published", "published"),
        Column("verdict", "verdict"),
        *tests,
    ]
    where = f", evaluated on {plan.data}" if plan.other_data else ""
    rows = [_claim_row(results, one) for one in found]
    title = f"Claims of {study.source}, {study.table}{where}"
    about = [FOLD_TESTS, VERDICTS_OVER_FOLDS] if folded else [_tests(results), VERDICTS]
    printed = PRINTED_AND_FOLDS if folded else PRINTED
    notes = [*about, *([printed] if any(map(study.quoted, study.claims)) else [])]
    return Table(title, columns, [Block("", rows)], label="claim", notes=notes)


def pairs_table(results: Results) -> Table | None:
    """Return the tests of every trained row against the first, a block per metric; None for a single trained row."""
    study = results.plan.study
    first, *others = study.trained
    if not others:
        return None
    pairs = [Claim(row.label, first.label, metric) for metric in study.metrics for row in others]
    return pairs_of_rows(results, pairs, f"Tests against {first.label}")


def pairs_of_rows(results: Results, pairs: Sequence[Claim], title: str) -> Table:
    """Return the tests of pairs of rows, a block per metric; each line has the label of the first row of its pair."""
    columns = [
        _difference(results, pairs),
        *PROBABILITIES,
        Column("counts", "only one right"),
    ]
    blocks: dict[str, list[Row]] = {}
    for tests in corrected(results, pairs):
        found = tests.comparison
        cells = _cells(results, tests)
        if found.counts is not None:
            cells["counts"] = Cell(text=f"{found.counts.only_better} : {found.counts.only_worse}")
        metric = results.column(found.claim.metric).label
        blocks.setdefault(metric, []).append(Row(found.claim.better, cells))
    parts = [Block(metric, rows) for metric, rows in blocks.items()]
    return Table(title, columns, parts, notes=(_tests(results),))


def _tests(results: Results) -> str:
    return (
        f"Difference: mean over common seeds (their number) [95 % interval over seeds and "
        f"{results.over(results.plan.study.metrics)}]. All p are "
        "two-sided, after Holm's correction for this table. p both: test of no difference over other seeds and other "
        "samples, which means other subjects or videos where these are known; the variances over seeds and over "
        "samples add, like those of readers and cases in Obuchowski and "
        "Rockette. Equally good seeds also differ on one test set, so the spread over seeds counts as at least that "
        "large; there is no p if it is smaller than the change by one sample. p flips: sign-flip permutation test over "
        f"seeds, exact up to {EXACT_SEEDS} seeds and at least 2 / 2^n before correction; with more seeds, "
        f"{NUM_FLIPS:,} random flips. p samples: for these trained networks only; McNemar's exact test for shares of "
        "right predictions, with the predictions of all seeds for all samples of a subject or video kept together, "
        "else Student's t test with the standard error of the bootstrap."
    )


def _claim_row(results: Results, verdict: Verdict) -> Row:
    study, found = results.plan.study, verdict.tests.comparison
    claim, seen = found.claim, found.over_seeds
    column = results.column(claim.metric)
    quoted, is_compared = study.quoted(claim), bool(seen.n) or found.over_folds is not None
    why: tuple[str, ...] = (found.reason,) if found.reason and not is_compared else ()
    why += (f"the printed numbers say otherwise: {claim.against_print}",) if claim.against_print else ()
    if quoted is not None and is_compared:
        trained = claim.worse if quoted.label == claim.better else claim.better
        held = against_print(results, trained, quoted, claim.metric)
        why += (held.note,) if held is not None and held.note else ()
    cells = _cells(results, verdict.tests) | {"verdict": Cell(text=verdict.outcome + _reason(found, quoted), notes=why)}
    if verdict.outcome == "undecided" and seen.n > 1:
        cells["seeds"] = Cell(text=_needed(verdict))
    rows = {row.label: row for row in study.rows}
    printed = [published_number(study, rows[label], claim.metric) for label in (claim.better, claim.worse)]
    if printed[0] is not None and printed[1] is not None:
        compares, note = printed_pair(study, rows[claim.better], rows[claim.worse], claim.metric)
        gap = number(printed[0] - printed[1], column.decimals, signed=True)
        cells["published"] = Cell(text=gap if compares else "not compared", notes=(note,) if note else ())
    sign = "<" if column.higher_is_better is False else ">"
    names = (f"{name} as printed" if quoted and name == quoted.label else name for name in (claim.better, claim.worse))
    return Row(f"{f' {sign} '.join(names)} ({column.label})", cells)


def _cells(results: Results, tests: Corrected) -> dict[str, Cell]:
    found, seen = tests.comparison, tests.comparison.over_seeds
    notes = (found.reason,) if found.reason else ()
    if (folds := found.over_folds) is not None:
        return {
            "difference": Cell(folds.mean, n=folds.num_folds, low=folds.low, high=folds.high),
            "p_folds": Cell(tests.p_folds, text="" if folds.p is not None else "no spread"),
        }
    spread = no_spread(seen, results.column(found.claim.metric).decimals)
    return {
        "difference": Cell(seen.mean, n=seen.n or None, low=seen.low, high=seen.high),
        "p_seeds": Cell(tests.p_seeds, text="no spread" if spread else "", notes=(spread,) if spread else ()),
        "p_flips": Cell(tests.p_flips),
        "p_samples": Cell(tests.p_samples, text="not tested" if notes else "", notes=notes),
    }


def no_spread(seen: Paired, decimals: int) -> str:
    """Explain a p that is missing because the spread over seeds is too small; empty for any other case."""
    if seen.design is None or seen.sd is None or seen.mean is None or seen.resolved:
        return ""
    seeds, samples = "both" if seen.n == 2 else f"all {seen.n}", seen.design.sampling.num_samples
    if seen.sd == 0:
        number_of = {2: "two", 3: "three", 4: "four", 5: "five"}.get(seen.n, str(seen.n))
        return (
            f"{seeds} seeds differ by the same {number(seen.mean, decimals, signed=True)}: {number_of} equal "
            f"differences of a {samples:,}-row test set say nothing about spread"
        )
    return (
        f"the differences of {seeds} seeds have a standard deviation of {number(seen.sd, decimals + 1)}, less than "
        f"the change by one of the {samples:,} rows ({number(seen.design.step, decimals + 1)}): they say nothing about "
        "spread"
    )


def _needed(verdict: Verdict) -> str:
    """Return the number of seeds needed, or words where no number of seeds would decide or none is known."""
    seen = verdict.tests.comparison.over_seeds
    if verdict.samples_are_too_few:
        return "more samples"
    if seen.design is None or seen.sd == 0:
        return "not known"
    return f"more than {MOST_SEEDS}" if verdict.seeds_needed is None else str(verdict.seeds_needed)


def _reason(found: Comparison, quoted: StudyRow | None) -> str:
    if (folds := found.over_folds) is not None:
        return "" if folds.p is not None else " (no spread)"
    n = found.over_seeds.n
    if n == 0 and quoted is not None:
        return " (not compared)" if found.reason else " (no seed)"
    if n < FEWEST_SEEDS:
        return {0: " (no common seed)", 1: " (n = 1: a single seed)"}.get(n, f" ({n} seeds)")
    if found.reason:
        return " (samples not tested)"
    return "" if found.over_seeds.resolved else " (no spread)"


def _difference(results: Results, claims: Sequence[Claim]) -> Column:
    columns = [results.column(claim.metric) for claim in claims]
    unit = "points" if all(column.unit == "%" for column in columns) else ""
    return Column("difference", "difference", unit, decimals=max(column.decimals for column in columns))
