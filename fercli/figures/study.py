"""The figures of a study, all from stored runs, in the order of its page."""

from collections.abc import Iterator

from fercli.engine.predict import Progress
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


def figures_of_study(results: Results, progress: Progress = lambda done, total: None) -> Iterator[NamedFigure]:
    """Yield the figures that the finished runs have data for.

    Args:
        progress: is told of each kind of figure, and of each map of features, which takes seconds.
    """
    done, total = 0, len(MODULES) + embeddings.num_maps(results)

    def step() -> None:
        nonlocal done
        progress(done, total)
        done += 1

    for module in MODULES:
        step()
        yield from embeddings.of_study(results, step) if module is embeddings else module.of_study(results)
    progress(total, total)


def confusion_figures(results: Results) -> Iterator[NamedFigure]:
    """Yield the confusion matrix of each row, summed over its seeds; a page shows them side by side."""
    yield from classes.of_study(results)
