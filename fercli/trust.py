"""Targets that the configuration of somebody else's run folder may build: parts of experiments, nothing else."""

import re
from collections.abc import Callable
from inspect import isclass, isfunction
from typing import Any

# Packages whose classes do nothing harmful when they are built. Not fercli as a
# whole: launchers start processes. Not a library as a whole: data sets of pytorch-metric-learning download archives.
CLASSES = (
    *("fercli.backbones.", "fercli.graphs.", "fercli.heads.", "fercli.losses.", "fercli.methods.", "fercli.metrics."),
    *("fercli.samplers.", "fercli.ops.patches."),
    *("fercli.datasets.augment.", "fercli.datasets.augment_resized.", "fercli.datasets.augment_streams."),
    *("fercli.datasets.folds.", "fercli.datasets.folds_file.", "fercli.datasets.noise."),
    *("fercli.datasets.readers.", "fercli.datasets.video.FrameSampling"),
    *("torch.nn.", "torch.optim."),
    *(f"pytorch_metric_learning.{kind}." for kind in ("distances", "losses", "miners", "reducers", "regularizers")),
    *("pytorch_lightning.loggers.", "fercli.trackers."),
)
# Packages and modules whose functions yaml files name. All functions of the first compute numbers from arrays alone.
FUNCTIONS = ("fercli.metrics.", "fercli.methods.schedules.")


def foreign_code(config: Any, locate: Callable[[str], Any]) -> list[str]:
    """List, sorted, what in a configuration could run code that is not part of an experiment.

    Args:
        config: plain dictionaries and lists, interpolations resolved. An interpolation that is left is listed: it is
            resolved only when something is built, and could then become anything.
        locate: gives what a dotted path names.
    """
    found = {target for target in _targets(config) if not is_trusted(target, locate)}
    return sorted(found | {*interpolations(config)})


def interpolations(content: Any) -> list[str]:
    """Return the texts in plain dictionaries and lists that OmegaConf would resolve."""
    return [text for text in _texts(content) if "${" in text]


def is_trusted(target: str, locate: Callable[[str], Any]) -> bool:
    """Check that a target is defined in the modules above. A name that they only import, as `subprocess`, is not.

    A target that cannot be imported is trusted: it cannot run, and the attempt to build it reports the error.
    """
    if not re.fullmatch(r"\w+(\.\w+)+", target) or not target.startswith((*CLASSES, *FUNCTIONS)):
        return False
    try:
        found = locate(target)
    except Exception:
        return True
    name = f"{getattr(found, '__module__', None)}.{getattr(found, '__qualname__', None)}"
    if isclass(found):
        return name.startswith(CLASSES)
    return isfunction(found) and name.startswith(FUNCTIONS) and "." not in found.__qualname__


def _targets(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["_target_"]] if isinstance(node.get("_target_"), str) else []
        return own + [target for value in node.values() for target in _targets(value)]
    return [target for value in node for target in _targets(value)] if isinstance(node, list) else []


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for pair in node.items() for value in pair for text in _texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in _texts(value)]
    return [node] if isinstance(node, str) else []
