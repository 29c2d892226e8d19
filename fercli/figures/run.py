"""The figures of one evaluated run, in the sections and the order of its page."""

from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.predict import Progress
from fercli.figures import (
    affect,
    affect_errors,
    age,
    alerts,
    attention,
    augmentation,
    calibration,
    charts,
    classes,
    cmc,
    curves,
    depression,
    embeddings,
    grad_cam,
    graph,
    groups,
    masks,
    patches,
    samples,
    score_similarity,
    screening,
    screening_agreement,
    similarity,
    votes,
)
from fercli.figures.figure import NamedFigure

# To add a figure, write a module whose `of_run` yields nothing where it has nothing to show, and name it here.
SECTIONS = {
    "Training": (curves, charts),
    "Classes": (classes, votes, age, cmc),
    "Scores": (depression, score_similarity),
    "Screening": (screening, screening_agreement),
    "Valence and arousal": (affect, affect_errors),
    "Calibration": (calibration,),
    "Groups": (groups,),
    "Examples": (samples, augmentation),
    "Embedding": (embeddings, similarity),
    "Attention": (grad_cam, attention, patches, graph, masks, alerts),
}

# What needs predictions and labels alone, for predictions of others.
WITHOUT_NETWORK = (
    *(classes, votes, age, groups, samples, depression, affect, affect_errors),
    *(screening, screening_agreement),
)


def figures_of_run(
    evaluated: EvaluatedRun, embedding: str = "tsne", progress: Progress = lambda done, total: None
) -> Iterator[tuple[str, NamedFigure]]:
    """Yield section and figure for all figures that the predictions, the labels and the network of a run allow.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`; see `require_embedding`.
        progress: is told of each kind of figure that is drawn.
    """
    places = [(section, module) for section, modules in SECTIONS.items() for module in modules]
    if "external" in evaluated.result:
        kind = evaluated.result["external"]["kind"]
        places = [(section, module) for section, module in places if _serves_external(module, kind)]
    for done, (section, module) in enumerate(places):
        progress(done, len(places))
        of_run: Callable[[EvaluatedRun], Iterator[NamedFigure]] = module.of_run
        if module is embeddings:
            of_run = partial(embeddings.of_run, embedding=embedding)
        yield from ((section, drawn) for drawn in of_run(evaluated))
    progress(len(places), len(places))


def _serves_external(module: ModuleType, kind: str) -> bool:
    """Return whether a module draws predictions of others. Classes without probabilities have no confidence."""
    return module in WITHOUT_NETWORK or (module is calibration and kind != "class")
