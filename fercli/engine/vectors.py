"""The vectors by which a network scores the classes, valence and arousal; a run keeps them for figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from fercli.files import write_whole
from fercli.heads.vectors import ScoresByVectors
from fercli.methods.base import Method


def classifier_vectors(method: Method, classes: tuple[str, ...]) -> tuple[np.ndarray, list[str]] | None:
    """Return the vectors (n, dim) that score classes, valence and arousal, and their names; None without vectors."""
    head = getattr(method, "head", None)
    if not isinstance(head, ScoresByVectors):
        return None
    with torch.no_grad():
        found = head.named_vectors(classes)
        return None if found is None else (found[0].double().cpu().numpy(), found[1])


def write_vectors(method: Method, classes: tuple[str, ...], path: Path) -> None:
    """Write a column for each class, valence and arousal whose vector the head has; no file without vectors."""
    found = classifier_vectors(method, classes)
    if found is not None:
        weights, names = found
        write_whole(path, pd.DataFrame(dict(zip(names, weights, strict=True))).to_parquet(None))
