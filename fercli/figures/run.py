"""The figures of one evaluated run, in the sections and the order of its page."""

from collections.abc import Callable, Iterator
from functools import partial

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
    class_ranking,
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
from fercli.figures.needs import FigureModule

# To add a figure, write a module with `NEEDS` and `of_run`, and name it here.
SECTIONS: dict[str, tuple[FigureModule, ...]] = {
    "Training": (curves, charts),
    "Classes": (classes, class_ranking, votes, age, cmc),
    "Scores": (depression, score_similarity),
    "Screening": (screening, screening_agreement),
    "Valence and arousal": (affect, affect_errors),
    "Calibration": (calibration,),
    "Groups": (groups,),
    "Examples": (samples, augmentation),
    "Embedding": (embeddings, similarity),
    "Attention": (grad_cam, attention, patches, graph, masks, alerts),
}


def figures_of_run(
    evaluated: EvaluatedRun, embedding: str = "tsne", progress: Progress = lambda done, total: None
) -> Iterator[tuple[str, NamedFigure]]:
    """Yield section and figure for all figures that the predictions, the labels and the network of a run allow.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`; see `require_embedding`.
        progress: is told of each kind of figure that is drawn.
    """
    listed = [(section, module) for section, modules in SECTIONS.items() for module in modules]
    places = [(section, module) for section, module in listed if module.NEEDS.met_by(evaluated.result)]
    for done, (section, module) in enumerate(places):
        progress(done, len(places))
        of_run: Callable[[EvaluatedRun], Iterator[NamedFigure]] = module.of_run
        if module is embeddings:
            of_run = partial(embeddings.of_run, embedding=embedding)
        yield from ((section, drawn) for drawn in of_run(evaluated))
    progress(len(places), len(places))
