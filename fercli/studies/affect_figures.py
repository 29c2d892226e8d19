"""Pictures of what the rows of a study say of valence and arousal beside the classes."""

from itertools import product

import numpy as np
import pandas as pd

from fercli.config import load
from fercli.datasets.store import Store
from fercli.errors import FercliError, RunError
from fercli.preprocess.codec import decode
from fercli.preprocess.image_head import ImageError
from fercli.reports.affect_errors import Places, affect_errors, affect_grid_plot
from fercli.reports.html import Picture
from fercli.reports.similarity import affect_cosines_plot
from fercli.runs.folder import RunFolder, read_table
from fercli.studies.aggregate import Results
from fercli.studies.predictions import read_predictions

AFFECT = ["valence", "arousal"]
PREDICTED_AFFECT = ["predicted_valence", "predicted_arousal"]
NUM_SAMPLES = 6  # as the source shows


def affect_figures(results: Results) -> list[Picture]:
    """The cosines of their vectors, and samples on which two rows of a claim agree in the one and not in the other."""
    return [*_cosines(results), *_disagreements(results)]


def _cosines(results: Results) -> list[Picture]:
    """Of every network with vectors of both kinds; before them, of every pair of networks that has one kind each.

    The two of a pair have different seeds where there are several: layers that begin with the same random numbers stay
    alike for long, row by row, which says nothing of classes.
    """
    found = {label: frames for label in results.labels if (frames := _vectors(results, label))}
    first = {label: vectors[0] for label, vectors in found.items()}
    classes = next((names for frame in first.values() if (names := [str(n) for n in frame if n not in AFFECT])), [])
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for label, frame in first.items():
        kinds.setdefault((set(classes) <= set(frame), set(AFFECT) <= set(frame)), []).append(label)
    pairs = {
        f"{scores} and {affect}": (first[scores], found[affect][-1])
        for scores, affect in product(kinds.get((True, False), ()), kinds.get((False, True), ()))
        if len(first[scores]) == len(first[affect])  # vectors of other widths have no cosine
    }
    panels = pairs | {label: (first[label], first[label]) for label in kinds.get((True, True), ())}
    if not (panels and classes):
        return []
    vectors = {
        name: (scores[classes].to_numpy().T, affect[AFFECT].to_numpy().T) for name, (scores, affect) in panels.items()
    }
    caption = "Cosines of the vectors that score the classes with those that score valence and arousal"
    if not pairs:
        caption += "; the first seed of each row."
    elif all(len(found[label]) > 1 for label in kinds[False, True]):
        caption += "; the first seed of each row, and of two networks the second of the latter."
    else:
        caption += (
            "; two networks of one seed begin with the same random numbers, so that some of their vectors are alike."
        )
    return [(caption, affect_cosines_plot(vectors, classes))]


def _vectors(results: Results, label: str) -> list[pd.DataFrame]:
    """Of the first two seeds."""
    runs = [RunFolder(path) for _, path in sorted(results.folders(label).items())]
    return [frame for run in runs[:2] if (frame := read_table(run.vectors)) is not None]


def _disagreements(results: Results) -> list[Picture]:
    pictures = []
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
            f"{better} and {worse} say nearly the same of valence and arousal and differ in the class: the {len(rows)} "
            f"closest of {number:,} such samples of {len(one):,}; the first seed of each."
        )
        pictures.append((caption, affect_grid_plot(images, places, titles)))
    return pictures


def _of_both_kinds(run: RunFolder) -> pd.DataFrame | None:
    """The rows by id that are labelled in both ways, of a run that predicts both."""
    try:
        frame = read_predictions(run)
    except RunError:
        return None
    if not {"predicted", *AFFECT, *PREDICTED_AFFECT} <= set(frame):
        return None
    return frame.dropna(subset=["expression", *AFFECT]).set_index("id")


def pick_disagreements(one: pd.DataFrame, other: pd.DataFrame, number: int = NUM_SAMPLES) -> list[str]:
    """Ids of the samples whose predicted class differs, those whose valence and arousal differ least first.

    Args:
        one: by id, with `predicted`, `predicted_valence` and `predicted_arousal`.
        other: the same ids in the same order.
    """
    apart = affect_errors(one[PREDICTED_AFFECT].to_numpy(), other[PREDICTED_AFFECT].to_numpy())
    differ = np.flatnonzero((one["predicted"] != other["predicted"]).to_numpy())
    chosen = differ[np.argsort(apart[differ], kind="stable")[:number]]
    return one.index[chosen].tolist()


def _images(run: RunFolder, ids: list[str]) -> list[np.ndarray] | None:
    """From the store that the run was judged on; None where that is no longer there."""
    try:
        store = Store(load(run.config).store)
        if store.fingerprint != run.read_metrics()["data"]["fingerprint"]:
            return None
        place = {name: row for row, name in enumerate(store.column("id"))}
        return [decode(store.image(place[name])) for name in ids]
    except (FercliError, ImageError, KeyError):
        return None
