"""The tables, the JSON and the file of ids of an audit."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from fercli.audit.audit import LEAST_SIMILARITY, Audit
from fercli.audit.findings import TwinCount, contradictions, labels_of, shared_counts, twin_counts
from fercli.datasets.twins import EQUAL, NEAR, SCHEMA
from fercli.spreadsheet import SpreadsheetWriter
from fercli.tables.table import Block, Cell, Column, Row, Table

COLUMNS = (*SCHEMA.names, "label", "twin_label")
KINDS_IN_WORDS = {EQUAL: "with equal pixels", NEAR: "of near-duplicates"}
COUNTS = {
    "rows": "rows",
    "equal_files": "equal files",
    "equal_pixels": "equal pixels",
    "near": "near-duplicates",
    "any": "any twin",
}


def audit_table(audit: Audit) -> Table:
    """Return the table of an audit: rows with twins by pairs of splits; notes name what else was found."""
    columns = [Column(key, label, decimals=0) for key, label in COUNTS.items()]
    rows = []
    counts = twin_counts(audit)
    for count in counts:
        numbers = {"rows": count.num_rows} | {key: getattr(count, key) for key in COUNTS if key != "rows"}
        cells = {key: Cell(float(number)) for key, number in numbers.items()}
        rows.append(Row(_words(count.split, count.twin_split), cells))
    title = f"{audit.store.name}: rows with a twin"
    if not audit.within:
        title = f"{audit.other.name}: rows with a twin in {audit.store.name}"
    return Table(title, columns, [Block("", rows)], label="split", notes=_notes(audit, counts))


def _words(split: str, twin_split: str) -> str:
    return f"{twin_split}, with a twin in {split}"


def _notes(audit: Audit, counts: list[TwinCount]) -> list[str]:
    notes = [
        f"{one.field.capitalize()}s in {one.splits}: {one.number:,}, such as {one.example}."
        for one in (shared_counts(audit.store) if audit.within else [])
    ]
    for one in contradictions(audit):
        if one.differ:
            said = f"Different labels ({one.label}): {one.differ:,} of {one.pairs:,} pairs {KINDS_IN_WORDS[one.kind]}"
            groups = "" if one.groups is None else f", in {one.groups:,} group{'s'[: one.groups != 1]} of equal images"
            notes.append(f"{said}{groups}.")
    if any(count.split == count.twin_split for count in counts) and audit.within:
        notes.append("Within one split, the first row of a group of twins does not count.")
    return [*notes, f"A near-duplicate has a similarity of at least {LEAST_SIMILARITY:g}; see the figure."]


def audit_json(audit: Audit) -> dict[str, Any]:
    """Return all numbers of an audit."""
    return {
        "store": str(audit.store.path),
        "other": None if audit.within else str(audit.other.path),
        "rows": len(audit.store),
        "least_similarity": LEAST_SIMILARITY,
        "twins": [asdict(count) for count in twin_counts(audit)],
        "shared": [asdict(count) for count in shared_counts(audit.store)] if audit.within else [],
        "contradictions": [asdict(count) for count in contradictions(audit)],
    }


def write_pairs(audit: Audit, path: Path) -> None:
    """Write every pair as CSV: ids, splits, kind, similarity, shift, and the label of both rows."""
    labels, twin_labels = first_labels(audit)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = SpreadsheetWriter(file, COLUMNS)
        for pair in audit.pairs.to_pylist():
            ends = labels[audit.store.rows_of[pair["id"]]], twin_labels[audit.other.rows_of[pair["twin"]]]
            pair["similarity"] = round(pair["similarity"], 4)
            writer.write([pair | dict(zip(("label", "twin_label"), ends, strict=True))])


def first_labels(audit: Audit) -> tuple[list[Any], list[Any]]:
    """Return the label of every row of both stores: the first of expression, top vote and numbers that both have."""
    own, other = labels_of(audit.store), labels_of(audit.other)
    shared = [name for name in own if name in other]
    if "top vote" in shared:  # more rows have one than an expression
        shared = ["top vote"]
    if not shared:
        return [None] * len(audit.store), [None] * len(audit.other)
    return own[shared[0]], other[shared[0]]
