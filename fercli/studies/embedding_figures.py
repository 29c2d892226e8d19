"""Figures of the deep features that runs keep: the rows of a study side by side, on the same samples."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fercli.errors import RunError, reading
from fercli.reports.figure import MOST_CLASSES
from fercli.reports.html import Picture
from fercli.reports.scatter import FEWEST_SAMPLES, Features, tsne_panels_plot
from fercli.runs.folder import RunFolder

CENTERS = "objective.centers.centers"


def embedding_figures(runs: Mapping[str, RunFolder]) -> list[Picture]:
    """A t-SNE panel for each row whose run keeps wide features; rows evaluated on other samples get another figure.

    Args:
        runs: one of each row.
    """
    groups: dict[tuple[tuple[str, ...], ...], dict[str, pd.DataFrame]] = {}
    for label, run in runs.items():
        frame = _kept(run)
        if frame is not None:
            key = (tuple(frame["id"]), tuple(frame["expression"]), tuple(frame["expression"].cat.categories))
            groups.setdefault(key, {})[label] = frame
    return [figure for frames in groups.values() for figure in _figure(frames, runs)]


def _kept(run: RunFolder) -> pd.DataFrame | None:
    """The features that a run keeps; None where it keeps none.

    Raises:
        RunError: the file is damaged.
    """
    if not run.embeddings.is_file():
        return None
    with reading(run.embeddings, "a table of features", error=RunError, remedy="train this run again"):
        return pd.read_parquet(run.embeddings)[["id", "expression", "feature"]]


def _figure(frames: Mapping[str, pd.DataFrame], runs: Mapping[str, RunFolder]) -> list[Picture]:
    labels = next(iter(frames.values()))["expression"].cat
    classes = list(labels.categories)
    if len(labels.codes) < FEWEST_SAMPLES or len(classes) > MOST_CLASSES:
        return []
    panels, diverged = {}, []
    for row, frame in frames.items():
        features = np.stack(list(frame["feature"])).astype(np.float64)
        if np.isfinite(features).all():
            centers = stored_centers(runs[row])
            if centers is not None and centers.shape[-1] != features.shape[1]:  # of another part than this feature
                centers = None
            panels[row] = Features(features, labels.codes.to_numpy(), centers)
        else:
            diverged.append(row)
    if not panels:
        return []
    caption = f"t-SNE of the deep features of the same {len(labels.codes):,} samples in every panel"
    caption += "; squares are the class centers" if any(one.centers is not None for one in panels.values()) else ""
    caption += f"; features of {', '.join(diverged)} are not finite" if diverged else ""
    caption += ". The first seed of each row. Neighborhoods mean something, distances between groups do not."
    return [(caption, tsne_panels_plot(panels, classes))]


def stored_centers(run: RunFolder) -> np.ndarray | None:
    """The class centers beside the weights that were evaluated; None without a center bank or such a file."""
    from fercli.experiment.weights import read_checkpoint

    try:
        state = read_checkpoint(run.weights)["state_dict"]
    except (OSError, RunError, KeyError):
        return None
    return state[CENTERS].numpy() if CENTERS in state else None
