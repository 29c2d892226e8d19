"""The figures of a study, all from stored runs, in the order of its page."""

from collections.abc import Iterator

from fercli.figures import classes, curves, disagreements, embeddings, scatter, score_similarity, similarity, sweep
from fercli.figures.figure import NamedFigure
from fercli.studies.aggregate import Results

# A figure of your own: a module with `of_study`, which yields nothing where it has nothing to show; its name here.
MODULES = (sweep, scatter, embeddings, curves, similarity, disagreements, score_similarity)


def figures_of_study(results: Results) -> Iterator[NamedFigure]:
    """Whatever the finished runs hold the data for."""
    for module in MODULES:
        yield from module.of_study(results)


def confusion_figures(results: Results) -> Iterator[NamedFigure]:
    """Confusion matrices of the rows, each the sum over its seeds, to be shown side by side."""
    yield from classes.of_study(results)
