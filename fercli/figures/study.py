"""The figures of a study, all from stored runs, in the order of its page."""

from collections.abc import Iterator

from fercli.figures import (
    across,
    classes,
    curves,
    disagreements,
    embeddings,
    folds,
    scatter,
    score_similarity,
    similarity,
    sweep,
)
from fercli.figures.figure import NamedFigure
from fercli.studies.aggregate import Results

# To add a figure, write a module whose `of_study` yields nothing where it has nothing to show, and name it here.
MODULES = (across, sweep, folds, scatter, embeddings, curves, similarity, disagreements, score_similarity)


def figures_of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield the figures that the finished runs have data for."""
    for module in MODULES:
        yield from module.of_study(results)


def confusion_figures(results: Results) -> Iterator[NamedFigure]:
    """Yield the confusion matrix of each row, summed over its seeds; a page shows them side by side."""
    yield from classes.of_study(results)
