"""Which classes of a run are rare."""

from collections.abc import Collection, Mapping, Sequence

from fercli.engine.evaluation import EvaluatedRun
from fercli.metrics.classification import rare_classes


def rare(evaluated: EvaluatedRun) -> list[str]:
    """Return the rare classes: those that a metric names as rare (metrics=minority), else by the training images."""
    classes = evaluated.evaluation.classes
    named = [metric.options["names"] for metric in evaluated.method.metrics.values() if metric.names_rare]
    return rare_among(classes, named, training_counts(evaluated))


def rare_among(classes: Sequence[str], named: Sequence[Collection[str]], counts: Mapping[str, int]) -> list[str]:
    """Return the rare classes: those that metrics name as rare, or without such a metric those with few images.

    Args:
        named: names of rare classes, by metric.
        counts: number of training images of each class.
    """
    if not named:
        return rare_classes(classes, counts)
    return [name for name in classes if any(name in names for names in named)]


def training_counts(evaluated: EvaluatedRun) -> dict[str, int]:
    """Return the number of images of each class in the training split, or in the evaluated split if that is empty."""
    counts: dict[str, dict[str, int]] = evaluated.data.store.meta["counts"]
    split = next(split for split in ("train", evaluated.evaluation.split) if any(counts.get(split, {}).values()))
    return counts[split]
