"""The figures of the method pages, drawn when the book is built, from points and faces that fercli draws itself."""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from fercli.charts import Charted
from fercli.datasets.synthetic.faces import faces
from fercli.datasets.synthetic.portraits import portrait, portrait_in_scene
from fercli.datasets.synthetic.scene import SCENES
from fercli.datasets.synthetic.subject import make_subject
from fercli.figures.affect import affect_plane_figure
from fercli.figures.charts import chart_figure
from fercli.figures.depression import label_distribution_figure
from fercli.figures.figure import figure_bytes
from fercli.figures.patches import patch_figure
from fercli.figures.samples import image_rows_figure
from fercli.figures.scatter import Panel, feature_scatter_figure
from fercli.figures.similarity import adjacency_figure
from fercli.losses.center import CenterBank, CenterLoss
from fercli.losses.dda import DDALoss
from fercli.losses.density import DensityLoss
from fercli.losses.va_center import VACenterLocal
from fercli.ops.graph import adjacency, affect_correlation
from fercli.ops.score_distribution import score_distribution
from fercli.taxonomy import EXPRESSIONS

CLASSES = ("neutral", "sadness", "fear")
SIZES = (60, 24, 8)  # samples of each class: the last one is rare
STEPS, RATE = 120, 0.5
ROWS = ("whole image", "face")


def figures() -> dict[str, bytes]:
    """Path below docs/ and PNG of each figure."""
    return {f"methods/figures/{name}.png": figure_bytes(draw(), "png") for name, draw in DRAWN.items()}


def free_features() -> Figure:
    """Points that are moved by each loss alone, with its centers: what a loss asks of features."""
    weighed: dict[str, dict[CenterLoss | DDALoss, float]] = {
        "softmax loss": {},
        "with center loss": {CenterLoss(): 0.03},
        "with center and DDA loss": {CenterLoss(): 0.03, DDALoss(): 0.5},
    }
    return feature_scatter_figure({title: _descend(losses) for title, losses in weighed.items()}, CLASSES)


def _descend(losses: dict[CenterLoss | DDALoss, float]) -> Panel:
    generator = torch.Generator().manual_seed(0)
    labels = torch.repeat_interleave(torch.arange(3), torch.tensor(SIZES))
    points = torch.randn(len(labels), 2, generator=generator).requires_grad_()
    weights = (0.1 * torch.randn(3, 2, generator=generator)).requires_grad_()
    bank = CenterBank(3, 2, seed=1, alpha=0.05)
    for _ in range(STEPS):
        value = torch.nn.functional.cross_entropy(points @ weights.T, labels)
        value = value + sum(weight * loss(points, labels, bank.centers) for loss, weight in losses.items())
        step, turn = torch.autograd.grad(value, (points, weights))
        for loss in losses:
            bank.step(loss.center_step(points.detach(), labels, bank.centers))
        with torch.no_grad():
            points -= RATE * len(labels) / 10 * step  # each point by its own share of the mean
            weights -= RATE * turn
    return Panel(points.detach().numpy(), labels.numpy(), bank.centers.numpy() if losses else None)


def graph() -> Figure:
    """The graph of Emotion-GCN from the labels of drawn faces."""
    labels, affect = _labels()
    names = [*EXPRESSIONS, "valence", "arousal"]
    return adjacency_figure(adjacency(affect_correlation(labels, affect, len(EXPRESSIONS))), names)


def sectors() -> Figure:
    """Drawn faces in the valence-arousal plane, with eight sectors."""
    labels, affect = _labels()
    return affect_plane_figure(affect, labels, EXPRESSIONS, num_sectors=8)


@lru_cache(1)
def _labels() -> tuple[np.ndarray, np.ndarray]:
    drawn = list(faces(250, size=32))
    labels = np.array([EXPRESSIONS.index(face.expression) for face in drawn])
    return labels, np.array([(face.valence, face.arousal) for face in drawn])


def patches() -> Figure:
    """The 24 patches of DLGA-CNN on a drawn face, cut out around its landmarks."""
    face = next(iter(faces(1, size=448)))
    image = _crop(face.image, face.landmarks)
    corner = _corner(face.landmarks)
    return patch_figure(
        cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA), (face.landmarks - corner) * 224 / len(image)
    )


def scenes() -> Figure:
    """Drawn faces in the scenes of their expressions, and the faces as they are cut out."""
    shown = EXPRESSIONS[:5]
    drawn = [
        portrait_in_scene(make_subject(0, place), name, SCENES[name], 256, np.random.default_rng(place))
        for place, name in enumerate(shown)
    ]
    return image_rows_figure([[d.image for d in drawn], [_crop(d.image, d.landmarks) for d in drawn]], ROWS, shown)


def people() -> Figure:
    """Two drawn people, each in several images: an embedding is to bring the images of one together."""
    rng = np.random.default_rng(0)
    drawn = [
        [portrait(make_subject(0, person), name, SCENES[name], 160, rng).image for name in EXPRESSIONS[:5]]
        for person in (1, 2)
    ]
    return image_rows_figure(drawn, ["one person", "another"])


def _crop(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """A square around the landmarks."""
    left, top = _corner(landmarks)
    return image[top : top + _side(landmarks), left : left + _side(landmarks)]


def _side(landmarks: np.ndarray) -> int:
    return int(1.3 * np.ptp(landmarks, axis=0).max())


def _corner(landmarks: np.ndarray) -> np.ndarray:
    middle = (landmarks.min(0) + landmarks.max(0)) / 2
    return np.rint(middle - [0.5 * _side(landmarks), 0.55 * _side(landmarks)]).astype(int).clip(0)


def label_distribution() -> Figure:
    """What the label distribution of three scores looks like; a wider one stands for an answer that is less sure."""
    score = torch.tensor([6.0, 18.0, 40.0])
    target, answer = score_distribution(score, 64, 2.0), score_distribution(score + 2, 64, 5.0)
    return label_distribution_figure(_array(target), _array(answer), _array(score), ["minimal", "mild", "severe"])


def chart(loss: Charted) -> Figure:
    """The first chart of a loss."""
    return chart_figure(loss.charts(EXPRESSIONS)[0])


def _array(values: Tensor) -> np.ndarray:
    return values.double().numpy()


DRAWN: dict[str, Callable[[], Figure]] = {
    "centers": free_features,
    "graph": graph,
    "sectors": sectors,
    "affect-weight": lambda: chart(VACenterLocal()),
    "patches": patches,
    "label-distribution": label_distribution,
    "scenes": scenes,
    "people": people,
    "density": lambda: chart(DensityLoss()),
}
