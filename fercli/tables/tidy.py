"""A table for other programs: one cell per line as CSV, or nested as JSON. Nothing is rounded."""

import csv
import io
import json
from typing import Any

from fercli.spreadsheet import plain_cell
from fercli.tables.table import Cell, Table

FIELDS = (*("value", "sd", "n", "low", "high", "published", "published_sd", "published_n", "difference", "text"),)


def to_csv(table: Table) -> str:
    """Return one line per cell: block, row, column, unit, the numbers, notes and sources (joined by `; `)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["block", "row", "column", "unit", *FIELDS, "notes", "sources"])
    for block in table.blocks:
        for row in block.rows:
            for column in table.columns:
                if (cell := row.cells.get(column.key)) is None:
                    continue
                numbers = ["" if (v := getattr(cell, name)) is None else v for name in FIELDS]
                notes, sources = "; ".join((*row.notes, *cell.notes)), "; ".join(cell.sources)
                cells = [block.title, row.label, column.key, column.unit, *numbers, notes, sources]
                writer.writerow(map(plain_cell, cells))
    return out.getvalue()


def to_json(table: Table) -> str:
    """Return the table as one JSON object that mirrors `Table`; fields that a cell lacks are left out."""
    document = {
        "title": table.title,
        "columns": [
            {"key": c.key, "label": c.label, "unit": c.unit, "higher_is_better": c.higher_is_better}
            for c in table.columns
        ],
        "blocks": [
            {
                "title": block.title,
                "rows": [
                    {
                        "label": row.label,
                        "notes": list(row.notes),
                        "cells": {key: _cell(cell) for key, cell in row.cells.items()},
                    }
                    for row in block.rows
                ],
            }
            for block in table.blocks
        ],
        "notes": list(table.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _cell(cell: Cell) -> dict[str, Any]:
    held = {name: value for name in FIELDS if (value := getattr(cell, name)) not in (None, "")}
    held |= {name: list(value) for name in ("notes", "sources") if (value := getattr(cell, name))}
    return held
