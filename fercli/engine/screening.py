"""The screening of an evaluation: which scores, people and training recordings it is about."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError
from fercli.methods.base import Method
from fercli.metrics.constant import constant_scores
from fercli.metrics.metric import LabelledRows, known_rows
from fercli.metrics.severity import aggregation_of
from fercli.screening.options import ScreeningOptions, Training
from fercli.screening.people import Scores, scores_of
from fercli.screening.screen import screening_document

FEWEST = 2  # people


def evaluated_scores(method: Method, store: Store, columns: Mapping[str, np.ndarray]) -> Scores | None:
    """Return one true and one predicted score for each sitting; None where fewer than two people have both.

    Args:
        method: of the run: how it merges the rows of a recording, and what its distributions mean.
        store: the evaluated one; it knows the people.
        columns: the evaluated rows.
    """
    if not {"score", "predicted_score"} <= set(columns) or not known_rows(columns, ["score"]).any():
        return None
    subjects = store.column("subject")[[store.rows_of[name] for name in columns["id"]]]
    offset = float(getattr(method.head, "bin_offset", 0.0))
    scores = scores_of(columns, subjects, aggregation_of(method.metrics), offset)
    return scores if scores.num_people >= FEWEST else None


def training_recordings(store: Store | None, rows: np.ndarray, constants: Mapping[str, float]) -> Training:
    """Return the scores of the training recordings.

    Args:
        store: None where it is not at hand.
        rows: training rows of the store.
        constants: the scores of constant predictors that the run knows; its `mean` is taken, if there is one.
    """
    if store is None:
        return Training(np.zeros(0), constants.get("mean", math.nan))
    columns = {name: store.column(name)[rows] for name in ("score", "video")}
    (score,) = LabelledRows(reads=["score"], per="video").rows(columns)
    return Training(score, constants.get("mean", constant_scores(columns)["mean"]))


def require_screening(
    method: Method, store: Store, columns: Mapping[str, np.ndarray], options: ScreeningOptions
) -> None:
    """Make sure that scores can be screened as a user asks; every evaluation can go without a screening.

    Args:
        columns: labels and kinds of predictions of the rows.

    Raises:
        ConfigError: no scores are predicted, and options of a screening were given; or a cut-off is no score.
    """
    if not options.words:
        return
    if evaluated_scores(method, store, columns) is None:
        raise ConfigError(
            f"expected predicted and true scores of at least {FEWEST} people with {options.words}; found fewer: "
            f"{store.path} gives no scores, or nothing predicts them"
        )
    options.cutoffs_of(store.scale)


def screening_facts(
    method: Method, store: Store, columns: Mapping[str, np.ndarray], training: Training, options: ScreeningOptions
) -> dict[str, Any]:
    """Return `screening` for `metrics.json`; nothing where no scores are predicted."""
    scores = evaluated_scores(method, store, columns)
    return {} if scores is None else {"screening": screening_document(scores, training, store.scale, options)}
