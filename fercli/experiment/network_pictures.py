"""Pictures of what a trained network consists of: its classifier, the graph between classes, weights of its losses."""

from collections.abc import Iterator

from fercli.experiment.evaluation import Judged
from fercli.experiment.shown import Picture
from fercli.experiment.vectors import classifier_vectors
from fercli.heads.emotion_gcn import EmotionGCNHead
from fercli.losses.classification import WeightedCrossEntropy
from fercli.losses.density import DensityLoss
from fercli.methods.cross_modal import CrossModal
from fercli.methods.recognizer import Recognizer
from fercli.reports.loss_field import density_field_plot
from fercli.reports.loss_weights import class_weights_plot, distance_weight_plot, focal_loss_plot
from fercli.reports.similarity import adjacency_plot, cosine_map_plot


def network_pictures(judged: Judged) -> Iterator[Picture]:
    """Those that the method has something to show for."""
    method, classes = judged.method, judged.evaluation.classes
    if not isinstance(method, Recognizer | CrossModal):
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
        if isinstance(term.loss, DensityLoss):
            caption = "Where the density loss moves a sample, for features of two numbers"
            yield "density_field", caption, density_field_plot(term.loss)
        if "focal" in name:
            yield "focal_loss", "Focal loss at several gamma", focal_loss_plot()
        if name.startswith("va_center"):
            yield "distance_weight", "Weight of a sample by its distance in affect", distance_weight_plot()
