"""Predict rows of a store, and compute metrics with intervals over them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fercli.datasets.groups import divisions, group_columns
from fercli.engine.fitted import Fitted
from fercli.engine.joined import JoinedClasses
from fercli.engine.predict import Progress, predict
from fercli.engine.predictions import Evaluation
from fercli.engine.rows_of_split import RowsOfSplit
from fercli.engine.seconds import is_timed, seconds_alone
from fercli.engine.twins import TwinsInTraining
from fercli.engine.votes import votes_columns, votes_facts
from fercli.engine.without_twins import without_twins
from fercli.methods.base import Method
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.groups import by_groups
from fercli.metrics.metric import LABELS, known_rows
from fercli.ops.group_names import column_of
from fercli.records import GROUPS


def evaluate_rows(
    method: Method, rows: RowsOfSplit, joined: JoinedClasses, progress: Progress, fitted: Fitted | None = None
) -> tuple[Evaluation, Evaluation | None]:
    """Predict the rows, and compute metrics on the labelled ones.

    Rows of other classes than the common ones are left out, and the probabilities of the common ones are divided by
    their sum.

    Args:
        joined: the classes of the run and of the store.
        fitted: a classifier whose predictions replace those of the method.

    Returns:
        The evaluation on the classes in common. If run or store have other classes, too, also the one on all classes:
        there every row of a class that the run does not know is wrong, and so is every prediction of a class that the
        store does not have.
    """
    store = rows.data.store
    first = rows.data.first_rows(rows.rows)
    by = divisions(store, method.metrics.values(), rows.by)
    groups = group_columns(store, first, by)
    samples = rows.data.samples(rows.rows)
    columns = predict(method, rows.data, samples, progress)
    for name in (*GROUPS, "subject"):
        columns[name] = store.column(name)[first]
    columns |= groups | votes_columns(store, first)
    if fitted is not None:
        columns = fitted.read_out(columns, len(joined.known))
    if is_timed(method):
        columns["seconds"] = seconds_alone(method, rows.data, samples)
    twins = rows.twins()
    common, left_out = joined.in_common(columns)
    evaluation = measure(method, common, joined.common, rows.split, twins, by)
    if not joined.is_part:
        return evaluation, None
    whole = measure(method, joined.of_all(columns), joined.all, rows.split, twins, by)
    return replace(evaluation, known=joined.known, left_out=left_out), whole


def measure(
    method: Method,
    columns: dict[str, np.ndarray],
    classes: tuple[str, ...],
    split: str,
    twins: TwinsInTraining | None = None,
    by: Sequence[str] = (),
) -> Evaluation:
    """Compute the metrics over the labelled rows, with intervals for the metrics that have one.

    Args:
        classes: names in the order of the probabilities.
        twins: which rows have a twin in training; the metrics are computed without these rows, too.
        by: columns that name the group of each row; the metrics are computed for each group, too.
    """
    if twins is not None:
        columns = columns | {"has_twin": twins.has_twin}
    known = np.any([known_rows(columns, [name]) for name in LABELS if name in columns], axis=0)
    columns = {name: column[known] for name, column in columns.items()}
    metrics_of = {name: metric.for_classes(classes) for name, metric in method.metrics.items()}
    lacks = {name: metric.lack(columns) for name, metric in metrics_of.items()}
    possible = {name: metric for name, metric in metrics_of.items() if not lacks[name]}
    left_out = {metrics_of[name].label: reason for name, reason in lacks.items() if reason}
    intervals = bootstrap_intervals(possible, columns)
    over = {name: interval.document() for name, interval in intervals.items()}
    metrics = {
        name: {"value": metric(columns)} | over.get(name, {}) | metric.document() for name, metric in possible.items()
    }
    apart = None if twins is None else without_twins(possible, columns, twins.checked)
    groups = by_groups(possible, columns, by)
    for metric in possible.values():
        columns |= metric.stored(columns)
    divided = tuple(map(column_of, by))
    votes = votes_facts(columns)
    return Evaluation(columns, metrics, classes, split, apart, groups, divided, votes=votes, not_computed=left_out)
