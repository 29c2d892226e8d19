"""Deep features of some evaluated samples. A run stores them, so that a study's page can draw its rows together."""

from pathlib import Path

import numpy as np
import pandas as pd

from fercli.engine.predictions import Evaluation
from fercli.fields import UNLABELLED
from fercli.files import write_whole

MOST_KEPT = 1000  # more dots show nothing new, and t-SNE of more samples takes too long for a page


def write_embeddings(evaluation: Evaluation, path: Path, seed: int = 0) -> None:
    """Write the float32 features of at most `MOST_KEPT` samples of a known class, in the order of the ids.

    Columns: `id`, `expression` (a categorical with the classes in label order), `feature`.

    The draw depends only on the ids and the seed: all runs evaluated on the same samples keep the same samples. No file
    is written for features of two numbers, which are in `predictions.parquet`, or if no class is known.

    Args:
        evaluation: evaluation with the column `feature` (n, dim).
        path: file to write.
        seed: seed of the draw.
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
