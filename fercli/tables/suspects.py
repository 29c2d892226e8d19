"""Tables of the labels of a store: the agreement of its annotators, and suspected mislabels by class."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fercli.tables.table import Block, Cell, Column, Row, Table
from fercli.tables.votes import share_cell

MAY_BE_RIGHT = (
    "The network finds another class more probable than the label of a suspect. The label may be right: a weak network "
    "suspects what it cannot tell apart."
)


def agreement_table(by_split: Mapping[str, Mapping[str, Any]], name: str) -> Table:
    """Return a row for each split: images with votes, and how often one annotator agrees with the rest.

    Args:
        by_split: split to `num_rows`, `agreement` and perhaps `agreement_of_all`, as `fercli.engine.votes` gives them.
        name: of the data set.
    """
    keys = ("agreement", "agreement_of_all")
    rows = []
    for split, facts in by_split.items():
        cells = {"images": Cell(float(facts["num_rows"]))}
        for key in keys:
            if key in facts:
                cells[key] = share_cell(facts[key])
        rows.append(Row(split, cells))
    of_all = any(keys[1] in row.cells for row in rows)
    columns = [
        Column("images", "images", decimals=0),
        Column("agreement", "votes for a class", "%", decimals=1),
        *([Column(keys[1], "all answers", "%", decimals=1)] if of_all else []),
    ]
    note = "An answer that is no class counts as disagreement in the column of all answers. " if of_all else ""
    note += "In brackets: 95 % interval."
    title = f"{name}: one annotator agrees with most of the others"
    return Table(title, columns, [Block("", rows)], label="split", notes=(note,))


def suspects_table(
    classes: Sequence[str], labels: np.ndarray, given: np.ndarray, suggested: np.ndarray, notes: Sequence[str] = ()
) -> Table:
    """Return a row for each class: rows with a prediction, suspects among them, and what is suggested most.

    Args:
        labels: (n,) label of every row with a prediction.
        given: (m,) label of the suspects.
        suggested: (m,) suggested class.
        notes: sentences below the table.
    """
    rows = []
    for place, name in enumerate(classes):
        number, suspected = int((labels == place).sum()), int((given == place).sum())
        cells = {"rows": Cell(float(number)), "suspects": Cell(float(suspected))}
        cells["share"] = Cell(100 * suspected / number if number else None)
        counts = np.bincount(suggested[given == place], minlength=len(classes))
        best = np.argsort(-counts, kind="stable")[:2]
        cells["suggested"] = Cell(text=", ".join(f"{classes[i]} {counts[i]:,}" for i in best if counts[i]))
        rows.append(Row(name, cells))
    columns = [
        Column("rows", "rows", decimals=0),
        Column("suspects", "suspects", decimals=0),
        Column("share", "share", "%", decimals=1),
        Column("suggested", "suggested most"),
    ]
    return Table("suspected mislabels", columns, [Block("", rows)], label="label", notes=(MAY_BE_RIGHT, *notes))
