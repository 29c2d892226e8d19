"""Pictures of what a trained network consists of and looks at: classifiers, graph, class weights, Grad-CAM."""

from collections.abc import Iterator

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from fercli.errors import ConfigError
from fercli.experiment.evaluation import Judged
from fercli.experiment.grad_cam import grad_cam
from fercli.heads.emotion_gcn import EmotionGCNHead
from fercli.heads.linear import LinearHead
from fercli.heads.multitask import MultiTaskHead
from fercli.losses.classification import WeightedCrossEntropy
from fercli.methods.recognizer import Recognizer
from fercli.metrics.metric import known_rows
from fercli.prediction import Features
from fercli.reports.grad_cam import grad_cam_plot
from fercli.reports.loss_weights import class_weights_plot, distance_weight_plot, focal_loss_plot
from fercli.reports.samples import pick_samples
from fercli.reports.similarity import adjacency_plot, cosine_map_plot

NUM_GRAD_CAM_EACH = 8

Picture = tuple[str, str, Figure]  # file name, caption, figure


def network_pictures(judged: Judged) -> Iterator[Picture]:
    """Those that the method has something to show for."""
    method, classes = judged.method, judged.evaluation.classes
    if not isinstance(method, Recognizer):
        return
    vectors = classifier_vectors(method.head, classes)
    if vectors is not None:
        weights, names = vectors
        caption = "Cosines of the vectors that score the classes, and valence and arousal where they are predicted"
        yield "classifier_cosines", caption, cosine_map_plot(weights, names)
    if isinstance(method.head, EmotionGCNHead):
        caption = "Graph of Emotion-GCN: share of each column in each row"
        yield (
            "adjacency",
            caption,
            adjacency_plot(method.head.adjacency.double().cpu().numpy(), [*classes, "valence", "arousal"]),
        )
    for name, term in method.objective.terms.items():
        if isinstance(term.loss, WeightedCrossEntropy):
            weight = term.loss.weight.double().cpu().numpy()
            yield "class_weights", "Weight of each class in the loss", class_weights_plot(weight, classes)
        if "focal" in name:
            yield "focal_loss", "Focal loss at several gamma", focal_loss_plot()
        if name.startswith("va_center"):
            yield "distance_weight", "Weight of a sample by its distance in affect", distance_weight_plot()
    heat = _grad_cam(judged, method)
    if heat is not None:
        yield "grad_cam", "Grad-CAM: where the predicted class comes from; right predictions first", heat


def classifier_vectors(head: nn.Module, classes: tuple[str, ...]) -> tuple[np.ndarray, list[str]] | None:
    """Vectors (n, dim) that score the classes, valence and arousal, where the head has such; None for other heads."""
    dimensions = ["valence", "arousal"]
    with torch.no_grad():
        if isinstance(head, EmotionGCNHead):
            return head.vectors().double().cpu().numpy(), [*classes, *dimensions]
        if isinstance(head, LinearHead):
            return head.weight.double().cpu().numpy(), list(classes)
        if isinstance(head, MultiTaskHead) and isinstance(head.expression, nn.Linear):
            expression = head.expression.weight
            assert isinstance(head.affect, nn.Linear)
            dim = head.affect.in_features
            if head.field != "predicted_affect":
                return expression[:, :dim].double().cpu().numpy(), list(classes)
            both = torch.cat([expression[:, :dim], head.affect.weight])
            return both.double().cpu().numpy(), [*classes, *dimensions]
    return None


def _grad_cam(judged: Judged, method: Recognizer) -> Figure | None:
    columns, names = judged.evaluation.columns, judged.evaluation.classes
    known = np.flatnonzero(known_rows(columns, ["expression"]))
    if "probabilities" not in columns or len(known) == 0:
        return None
    predicted = columns["probabilities"].argmax(1)
    correct = predicted[known] == columns["expression"][known]
    chosen = known[np.concatenate(pick_samples(correct, NUM_GRAD_CAM_EACH))]
    (batch,) = judged.data.samples_dataloader(judged.samples(chosen))
    seen, _ = method.augment.test_view(batch.image)
    batch = method.augmented(batch.to(method.device))

    def scores(features: Features) -> torch.Tensor:
        logits: torch.Tensor = method.head(features)["logits"]
        return logits

    try:
        heat = grad_cam(method.backbone, scores, batch.image, torch.from_numpy(predicted[chosen]).to(method.device))
    except ConfigError:  # a backbone without a map has no such picture
        return None
    titles = [f"{names[columns['expression'][i]]}\nsaid {names[predicted[i]]}" for i in chosen]
    return grad_cam_plot([image.permute(1, 2, 0).numpy() for image in seen], list(heat), titles)
