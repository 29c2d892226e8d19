"""Samples on which two rows of a study agree in valence and arousal, but not in the class."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fercli.config import load
from fercli.datasets.store import Store
from fercli.errors import FercliError, RunError
from fercli.figures.affect_errors import affect_errors
from fercli.figures.affect_grid import Places, affect_grid_figure
from fercli.figures.figure import NamedFigure
from fercli.preprocess.codec import decode
from fercli.preprocess.image_head import ImageError
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import read_predictions
from fercli.studies.aggregate import Results

AFFECT = ["valence", "arousal"]
PREDICTED_AFFECT = ["predicted_valence", "predicted_arousal"]

NUM_SAMPLES = 6  # as the source shows


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield one figure for each claim whose two rows predict classes and affect."""
    drawn = 0
    runs = results.first_runs
    frames: dict[str, pd.DataFrame | None] = {}
    for better, worse in dict.fromkeys((claim.better, claim.worse) for claim in results.plan.study.claims):
        for label in (better, worse):
            if label in runs and label not in frames:
                frames[label] = _of_both_kinds(runs[label])
        one, other = frames.get(better), frames.get(worse)
        if one is None or other is None or not one.index.equals(other.index):
            continue
        rows = pick_disagreements(one, other)
        images = _images(runs[better], rows) if len(rows) else None
        if images is None:
            continue
        places = [
            Places("true", one.loc[rows, AFFECT].to_numpy(), one.loc[rows, "expression"].tolist()),
            *(
                Places(label, frame.loc[rows, PREDICTED_AFFECT].to_numpy(), frame.loc[rows, "predicted"].tolist())
                for label, frame in ((worse, other), (better, one))
            ),
        ]
        apart = affect_errors(places[1].affect, places[2].affect)
        titles = [f"{distance:.2f} apart" for distance in apart]
        number = (one["predicted"] != other["predicted"]).sum()
        caption = (
            f"{better} and {worse} predict different classes for {number:,} of {len(one):,} samples: the {len(rows)} "
            "whose predicted valence and arousal are closest; the first seed of each."
        )
        drawn += 1
        yield NamedFigure(f"disagreements_{drawn}", caption, affect_grid_figure(images, places, titles))


def _of_both_kinds(run: RunFolder) -> pd.DataFrame | None:
    """Return the rows with labels of class and affect, by id; None for a run that does not predict both."""
    try:
        frame = read_predictions(run)
    except RunError:
        return None
    if not {"predicted", *AFFECT, *PREDICTED_AFFECT} <= set(frame):
        return None
    return frame.dropna(subset=["expression", *AFFECT]).set_index("id")


def pick_disagreements(one: pd.DataFrame, other: pd.DataFrame, number: int = NUM_SAMPLES) -> list[str]:
    """Return the ids of samples with different predicted classes, ordered by rising distance of valence and arousal.

    Args:
        one: by id, with `predicted`, `predicted_valence` and `predicted_arousal`.
        other: the same ids in the same order.
    """
    apart = affect_errors(one[PREDICTED_AFFECT].to_numpy(), other[PREDICTED_AFFECT].to_numpy())
    differ = np.flatnonzero((one["predicted"] != other["predicted"]).to_numpy())
    chosen = differ[np.argsort(apart[differ], kind="stable")[:number]]
    return one.index[chosen].tolist()


def _images(run: RunFolder, ids: list[str]) -> list[np.ndarray] | None:
    """Return the images from the store that the run was evaluated on; None where that store is gone or changed."""
    try:
        cfg = load(run.config)
        store = Store(cfg.store, cfg.get("score"))
        if store.fingerprint != run.read_metrics()["data"]["fingerprint"]:
            return None
        place = {name: row for row, name in enumerate(store.column("id"))}
        return [decode(store.image(place[name])) for name in ids]
    except (FercliError, ImageError, KeyError):
        return None
