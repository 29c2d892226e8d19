"""Deep features of some evaluated samples: a run keeps them, so that the page of a study can draw its rows together."""

from pathlib import Path

import numpy as np
import pandas as pd

from fercli.batch import UNLABELLED
from fercli.engine.predictions import Evaluation
from fercli.files import write_whole

MOST_KEPT = 1000  # a panel with more dots says no more, and t-SNE of more takes long for a page


def write_embeddings(evaluation: Evaluation, path: Path, seed: int = 0) -> None:
    """The feature, float32, of at most `MOST_KEPT` samples of a known class, in the order of the ids.

    Columns: `id`, `expression` (a categorical with the classes in label order), `feature`.

    The draw depends on the ids alone: all runs that are evaluated on the same samples keep the same ones. Features of
    two numbers are in `predictions.parquet`; for these, and where no class is known, no file is written.

    Args:
        evaluation: whose columns have `feature` (n, dim).
        path: file to write.
        seed: of the draw.
    """
    columns = evaluation.columns
    labels = columns.get("expression", np.full(len(columns["id"]), UNLABELLED))
    known = np.flatnonzero(labels != UNLABELLED)
    if len(known) == 0 or columns["feature"].shape[1] <= 2:
        return
    ordered = known[np.argsort(columns["id"][known].astype(str), kind="stable")]
    rows = ordered[np.sort(np.random.default_rng(seed).permutation(len(ordered))[:MOST_KEPT])]
    frame = pd.DataFrame({"id": columns["id"][rows]})
    frame["expression"] = pd.Categorical.from_codes(labels[rows], categories=pd.Index(evaluation.classes))
    frame["feature"] = list(columns["feature"][rows].astype(np.float32))
    write_whole(path, frame.to_parquet(None))
