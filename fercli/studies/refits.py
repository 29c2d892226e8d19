"""The classifiers that were fitted to packed runs: fit them to the runs that are trained again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fercli.datasets.splits import FOLD
from fercli.engine.classifier import Classifier
from fercli.errors import ConfigError, RunError, printable, reading
from fercli.runs.folder import PUT_BACK, RunFolder

PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Refit:
    """One classifier of a packed run, and how it is fitted again.

    Attributes:
        packed: the evaluation in the unpacked folder.
        again: the evaluation of the run that is trained again.
        split: the evaluated split; None for that of the run.
    """

    packed: RunFolder
    again: RunFolder
    classifier: Classifier
    split: str | None


def refits(packed: RunFolder, again: RunFolder, trust: bool = False) -> tuple[Refit, ...]:
    """Return the classifiers that were fitted to a packed run and evaluated on its own data.

    Args:
        packed: the run in the unpacked folder.
        again: folder of the new training.
        trust: whether a classifier may build objects of other packages.

    Raises:
        ConfigError: a classifier is none of fercli's, and `trust` is not given.
        RunError: the numbers of an evaluation are damaged.
    """
    data = packed.read_metrics()["data"]
    found = []
    for folder in packed.evaluations_of_classifiers(str(data["fingerprint"])):
        one = RunFolder(folder)
        with reading(one.metrics, "the numbers of a fitted classifier", error=RunError, remedy=PUT_BACK):
            facts = one.read_metrics()["classifier"]
            classifier = Classifier(str(facts["name"]), dict(facts["options"]))
            split = folder.name.removeprefix(f"{data['name']}-").partition(f"-{data['fingerprint'][:8]}-")[0]
        if not trust:
            _expect_known(classifier)
        target = RunFolder(again.path / "eval" / folder.name)
        found.append(Refit(one, target, classifier, None if split.startswith(FOLD) else split))
    return tuple(found)


def fit_again(
    refit: Refit, run: RunFolder, trust: bool = False, progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Fit the classifier to a run that was trained again, unless this was done before.

    Raises:
        ConfigError, DataError, RunError: as `fercli.engine.reevaluation.Reevaluation`.
    """
    if refit.again.finished:
        return
    from fercli.engine.reevaluation import Reevaluation  # slow, and a check of a pack does not need it

    Reevaluation.prepared(run, None, refit.split, classifier=refit.classifier, trust=trust).evaluate(progress)


def _expect_known(classifier: Classifier) -> None:
    """Check that the options are those of fercli's own yaml, but for plain values."""
    if not _alike(classifier.options, Classifier.named(classifier.name).options):
        raise ConfigError(
            f"the classifier {printable(classifier.name)} of this pack is not the one of fercli. If you know where the "
            "pack comes from, give --trust-config"
        )


def _alike(found: Any, own: Any) -> bool:
    if isinstance(found, dict) and isinstance(own, dict):
        built = [name for name in own if name.startswith("_")]
        return (
            found.keys() == own.keys()
            and all(found[name] == own[name] for name in built)
            and all(_alike(found[name], own[name]) for name in own)
        )
    return isinstance(found, PLAIN) and isinstance(own, PLAIN) and "${" not in str(found)
