"""The initial weights of a training in the words of published protocols."""

import os
import re
from pathlib import Path

from fercli.runs.folder import RunFolder
from fercli.runs.identity import RUN_FOLDER, weights_file

PRETRAINED = {"imagenet": "ImageNet", "kinetics": "Kinetics-400"}
MS_CELEB = re.compile(r"ms[-_]?celeb|ms[-_]?1m", re.IGNORECASE)  # in names of files with weights
RUN_WEIGHTS = "weights.ckpt"


def pretraining(weights: str | None, init: str | None = None) -> str:
    """Return the initial weights of a training in the words of published protocols; for other files, the file name.

    Args:
        weights: as `backbone.weights` gives them.
        init: the run that all weights start from, if there is one.

    Examples:
        >>> pretraining(None), pretraining("imagenet"), pretraining("weights/resnet18_msceleb.pth")
        ('none', 'ImageNet', 'MS-Celeb-1M')
        >>> pretraining("weights/my_faces.pth")
        'my_faces.pth'
        >>> pretraining("imagenet", "runs/dda_ferplus_resnet18_1a2b3c4d5e/seed0")
        'run 1a2b3c4d5e, seed 0'
    """
    if init is not None:
        return _run_in_words(Path(os.path.abspath(init)))
    if weights is None:
        return "none"
    file = Path(weights_file(weights))
    if file.name == RUN_WEIGHTS and RUN_FOLDER.search(str(file.parent)):
        return f"backbone of {_run_in_words(Path(os.path.abspath(file.parent)))}"
    name = file.name
    return PRETRAINED.get(weights) or ("MS-Celeb-1M" if MS_CELEB.search(name) else name)


def _run_in_words(path: Path) -> str:
    return f"run {RunFolder(path).run_id}, seed {path.name.removeprefix('seed')}"
