"""The notes below the table of a study: what was measured and published, and cautions."""

from collections import Counter

from fercli.interval_notes import cautions
from fercli.printed_protocol import epoch_in_words, said
from fercli.protocol import FIELDS, NEAR_TOGETHER, Protocol
from fercli.published.data_sets import published_data
from fercli.published.numbers import cautions as cautions_of_data
from fercli.published.numbers import reconstruction
from fercli.published.protocol_words import in_words
from fercli.runs.commit import short_commit
from fercli.studies.aggregate import Results
from fercli.studies.grid import Plan
from fercli.studies.printed import published_rows
from fercli.studies.protocol import in_runs

FOLDS = (
    "Cross-validation: each number is that of the predictions of all folds joined, where every row is evaluated once "
    "per seed; the table of folds has those of single folds."
)


def notes_of(results: Results) -> list[str]:
    """Return sentences on what was measured, what was published, and where both depart from the protocol."""
    plan, study = results.plan, results.plan.study
    runs = results.runs.assign(data=results.runs["label"].map(plan.data_of))
    notes = []
    for _, group in runs.groupby(["data", *FIELDS], dropna=False, sort=False):
        first = group.iloc[0]
        protocol = Protocol.of(first.to_dict())
        where = ", ".join(f"{name} {said(getattr(protocol, name))}" for name in ("crop", "landmarks", "pretraining"))
        measured = f"{first['data']} {said(protocol.split)} ({first['num_rows']:,} samples)"
        notes.append(f"Measured: {measured}, {epoch_in_words(protocol)}; {where}.")
    notes = list(dict.fromkeys(notes))  # blocks may differ in fields that their titles name
    divisions = {said(division) for field in ("split_rule", "selection") for division in runs[field].dropna()}
    if any(division.endswith(NEAR_TOGETHER) for division in divisions):
        notes.append("Near-duplicates stay together where the rows are divided (twins=near).")
    notes += _intervals(results) if len(runs) else []
    notes += [FOLDS] if (runs["num_folds"].dropna() > 1).any() else []
    commits = Counter(runs.drop_duplicates("folder")["commit"].dropna())
    if len(commits) > 1:
        counted = ", ".join(f"{short_commit(commit)} ({in_runs(count)})" for commit, count in commits.most_common())
        notes.append(f"The runs are of {len(commits)} versions of the code: {counted}.")
    if plan.changes:
        notes.append(f"Every cell with {' '.join(plan.changes)}: not the protocol of the study.")
    printed = [found for row in study.rows for found in published_rows(study, row)]
    protocols = sorted({in_words(found["protocol"]) for found in printed if found["row_kind"] != "sota"})
    notes += [f"Published: {protocol}." for protocol in protocols]
    return notes + reconstruction(study.source) + _of_data(plan)


def _intervals(results: Results) -> list[str]:
    """Say what measured numbers and their intervals are, and caution where few units were drawn."""
    metrics = results.plan.study.metrics
    return [
        "Measured numbers: mean ± standard deviation (number of seeds) [95 % bootstrap interval: for one seed over "
        f"{results.over(metrics)}, for several over these and seeds, where two or three seeds make it too narrow].",
        *cautions(results.units(metrics)),
    ]


def _of_data(plan: Plan) -> list[str]:
    """Return the cautions about the data that the rows run on and, unless it is other data, about the source's data."""
    names = [published_data(data) for data in plan.fingerprints] + ([] if plan.other_data else [plan.study.data])
    return [caution for name in dict.fromkeys(names) for caution in cautions_of_data(name)]
