"""Grad-CAM of a trained network: where in a face, or in its scene, the predicted class or score comes from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.experiment.evaluation import Judged
from fercli.experiment.grad_cam import grad_cam
from fercli.experiment.shown import Picture, Seen, pick_rows, seen, titles_of
from fercli.methods.base import Method
from fercli.methods.cross_modal import CrossModal
from fercli.methods.dlga import DLGA, standardized
from fercli.methods.recognizer import Recognizer
from fercli.ops.patches import window_starts
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features
from fercli.reports.grad_cam import grad_cam_plot

NUM_EACH = 8

Fields = dict[str, Tensor]


@dataclass(frozen=True)
class Stream:
    """A part of a network that looks at images; `head` gives the fields of the prediction from its features."""

    file_name: str
    network: nn.Module
    image: Tensor
    pictures: list[np.ndarray]
    head: Callable[[Features], Fields]


def heat_pictures(judged: Judged) -> Iterator[Picture]:
    """Those of networks that have a map to show for the class or the score that they predict.

    None are drawn where a classifier on the features answers: its answers do not come from the head of the network.
    A score has two sides: what raises it is shown where it is above the mean of all predictions, else what lowers it.
    """
    columns = judged.evaluation.columns
    rows = pick_rows(columns, NUM_EACH)
    if len(rows) == 0 or "classifier" in judged.result:
        return
    of_classes = "probabilities" in columns
    if of_classes:
        chosen = columns["probabilities"][rows].argmax(1)
        what = "where the predicted class comes from; right predictions first"
    else:
        predicted = columns["predicted_score"]
        chosen = (predicted[rows] < predicted.mean()).astype(np.int64)
        what = f"what raises scores above the mean of all predictions, {predicted.mean():.1f}, or lowers them below it"
    index = torch.from_numpy(chosen).to(judged.method.device)
    for stream in _streams(judged.method, seen(judged, rows)):

        def scores(features: Features, head: Callable[[Features], Fields] = stream.head) -> Tensor:
            fields = head(features)
            return fields["logits"] if of_classes else torch.stack([_points(fields), -_points(fields)], dim=1)

        try:
            heat = grad_cam(stream.network, scores, stream.image, index)
        except ConfigError:  # a network without a map has no such picture
            continue
        frames = [maps if maps.ndim == 2 else maps[len(maps) // 2] for maps in heat]
        middle = "; the frame in the middle of each clip" if heat.ndim == 4 else ""
        caption = f"Grad-CAM: {what}{middle}. Dark: nothing there speaks for it"
        yield stream.file_name, caption, grad_cam_plot(stream.pictures, frames, titles_of(judged, rows))


def _streams(method: Method, shown: Seen) -> Iterator[Stream]:
    """The face first."""
    batch = shown.batch
    if isinstance(method, CrossModal):
        with torch.no_grad():
            maps = method.maps(batch)
        if method.backbone is not None:
            yield Stream("grad_cam", method.backbone, batch.image, shown.images, _fused(method, maps, "face"))
        if method.context_backbone is not None:
            assert batch.context is not None
            head = _fused(method, maps, "context")
            yield Stream("grad_cam_context", method.context_backbone, batch.context, shown.contexts, head)
    elif isinstance(method, DLGA):
        image = standardized(batch.image) if method.per_image_standardize else batch.image
        yield Stream("grad_cam", method.backbone, image, shown.images, _windowed(method, method.patch_centers(batch)))
    elif isinstance(method, Recognizer):
        image, pictures = batch.image, shown.images
        if method.stream == "context":
            assert batch.context is not None
            image, pictures = batch.context, shown.contexts
        yield Stream("grad_cam", method.backbone, image, pictures, method.head)


def _fused(method: CrossModal, maps: dict[str, Tensor], name: str) -> Callable[[Features], Fields]:
    """The head on the fusion of the map of one stream with that of the other, which stays as it is."""

    def head(features: Features) -> Fields:
        assert features.map is not None
        fields: Fields = method.head(Features(method.fusion(maps | {name: features.map})))
        return fields

    return head


def _windowed(method: DLGA, centers: Tensor) -> Callable[[Features], Fields]:
    """The head on the windows around the patches of each face."""

    def head(features: Features) -> Fields:
        assert features.map is not None
        starts = window_starts(centers, features.map.shape[-1] / method.augment.size)
        fields: Fields = method.head(features, starts)
        return fields

    return head


def _points(fields: Fields) -> Tensor:
    """(B,) predicted score; where the most probable level is predicted, which has no gradient, the mean level."""
    predicted = fields["predicted_score"]
    return predicted if predicted.requires_grad else expectation(fields["score_logits"].softmax(1))
