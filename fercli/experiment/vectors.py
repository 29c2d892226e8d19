"""The vectors by which a network scores the classes, valence and arousal: of a run they are kept for pictures."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from fercli.files import write_whole
from fercli.heads.angular import AngularHead
from fercli.heads.emotion_gcn import EmotionGCNHead
from fercli.heads.linear import LinearHead, RegressionHead
from fercli.heads.multitask import MultiTaskHead
from fercli.methods.base import Method

AFFECT = ("valence", "arousal")


def classifier_vectors(head: nn.Module, classes: tuple[str, ...]) -> tuple[np.ndarray, list[str]] | None:
    """Vectors (n, dim) that score the classes, valence and arousal, where the head has such; None for other heads."""
    with torch.no_grad():
        if isinstance(head, EmotionGCNHead):
            return head.vectors().double().cpu().numpy(), [*classes, *AFFECT]
        if isinstance(head, LinearHead | AngularHead):
            return head.weight.double().cpu().numpy(), list(classes)
        if isinstance(head, RegressionHead):
            return head.weight.double().cpu().numpy(), list(AFFECT)
        if isinstance(head, MultiTaskHead) and isinstance(head.expression, nn.Linear):
            expression = head.expression.weight
            assert isinstance(head.affect, nn.Linear)
            dim = head.affect.in_features
            if head.field != "predicted_affect":
                return expression[:, :dim].double().cpu().numpy(), list(classes)
            both = torch.cat([expression[:, :dim], head.affect.weight])
            return both.double().cpu().numpy(), [*classes, *AFFECT]
    return None


def write_vectors(method: Method, classes: tuple[str, ...], path: Path) -> None:
    """A column for each class, valence and arousal, where the method's head has such vectors; else no file."""
    found = classifier_vectors(getattr(method, "head", nn.Identity()), classes)
    if found is not None:
        weights, names = found
        write_whole(path, pd.DataFrame(dict(zip(names, weights, strict=True))).to_parquet(None))
