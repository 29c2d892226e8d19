"""Rows of a study that cannot run on the data: the table shows their printed number, and why they were not run."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from fercli.datasets.store import Store
from fercli.studies.study import Study, StudyRow


def runnable(study: Study, stores: Mapping[str, Store]) -> Study:
    """Mark rows as not run if their data lacks a column that they need; leave out claims about these rows.

    Args:
        stores: the store of each trained row, by its label.
    """
    rows = tuple(row if row.overrides is None else _checked(row, stores[row.label]) for row in study.rows)
    not_run = {row.label for row in rows if row.not_run}
    claims = tuple(claim for claim in study.claims if not {claim.better, claim.worse} & not_run)
    return replace(study, rows=rows, claims=claims)


def _checked(row: StudyRow, store: Store) -> StudyRow:
    if row.needs is None or pd.notna(store.column(row.needs)[store.rows("train")]).any():
        return row
    reason = (
        f"not run: it needs {row.needs}, which no training row of {store.path} carries (data=table can add the "
        "column); claims about it are not tested"
    )
    return replace(row, overrides=None, classifier=None, not_run=reason)
