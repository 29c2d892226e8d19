"""The figures of one evaluated run, in the order of its page."""

from collections.abc import Iterator

from fercli.engine.evaluation import EvaluatedRun
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
    masks,
    patches,
    samples,
    score_similarity,
    similarity,
)
from fercli.figures.figure import NamedFigure

# To add a figure, write a module whose `of_run` yields nothing where it has nothing to show, and name it here.
BEFORE_FEATURES = (classes, cmc, calibration, age, samples, augmentation, depression)
AFTER_FEATURES = (
    score_similarity,
    affect,
    affect_errors,
    similarity,
    charts,
    patches,
    graph,
    alerts,
    grad_cam,
    masks,
    attention,
    curves,
)


# What needs predictions and labels alone, for predictions of others.
WITHOUT_NETWORK = (classes, age, samples, depression, affect, affect_errors)


def figures_of_run(evaluated: EvaluatedRun, embedding: str = "tsne") -> Iterator[NamedFigure]:
    """Yield the figures that the predictions, the labels and the network of a run allow.

    Args:
        embedding: how features of more than two dimensions are drawn: `tsne` or `umap`.

    Raises:
        ConfigError: the embedding is unknown.
    """
    if "external" in evaluated.result:
        known = evaluated.result["external"]["kind"] != "class"  # else there is no confidence
        for module in (*WITHOUT_NETWORK, *([calibration] if known else [])):
            yield from module.of_run(evaluated)
        return
    for module in BEFORE_FEATURES:
        yield from module.of_run(evaluated)
    yield from embeddings.of_run(evaluated, embedding)
    for module in AFTER_FEATURES:
        yield from module.of_run(evaluated)
