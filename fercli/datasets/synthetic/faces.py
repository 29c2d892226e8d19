"""Labelled stills of drawn faces: any number of them; a seed decides them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from fercli.datasets.synthetic.actions import Actions, make_actions
from fercli.datasets.synthetic.anatomy import make_anatomy
from fercli.datasets.synthetic.annotation import affect, votes
from fercli.datasets.synthetic.canvas import Canvas
from fercli.datasets.synthetic.head import paint_head
from fercli.datasets.synthetic.scene import choose_scene, paint_scene
from fercli.datasets.synthetic.subject import FACE_STREAM, Subject, generator, make_subject
from fercli.datasets.synthetic.view import Light, Pose, make_light, make_pose
from fercli.errors import ConfigError, choose
from fercli.taxonomy import EXPRESSIONS

# Training images of RAF-DB (Li et al. 2017). RAF-DB has no contempt; here it is as rare as fear.
WILD_COUNTS = {
    "neutral": 2524,
    "happiness": 4772,
    "sadness": 1982,
    "surprise": 1290,
    "fear": 281,
    "disgust": 717,
    "anger": 705,
    "contempt": 281,
}
BALANCES = ("balanced", "wild")


@dataclass(frozen=True)
class SyntheticFace:
    """One drawn face with its labels.

    Attributes:
        image: (size, size, 3) uint8 RGB.
        expression: class that was drawn; annotators may vote for another class.
        votes: number of annotators for each class, in the order of `classes`; they sum to 10.
        valence: in [-1, 1].
        arousal: in [-1, 1].
        age: years.
        intensity: how strong the expression is, in [0.35, 1]; None for a neutral face.
        subject: who is shown.
        landmarks: (68, 2) x, y in pixels, iBUG order.
        box: left, top, right, bottom of the face from hairline to chin, in pixels.
        scene: kind of background.
    """

    image: np.ndarray
    expression: str
    votes: tuple[int, ...]
    valence: float
    arousal: float
    age: float
    intensity: float | None
    subject: str
    landmarks: np.ndarray
    box: tuple[float, float, float, float]
    scene: str


def draw(
    background: Canvas, subject: Subject, actions: Actions, pose: Pose, light: Light, noise: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a head over a background; the background canvas is changed.

    Returns:
        image (size, size, 3) uint8 RGB, landmarks (68, 2) and outline of the face (N, 2) in pixels.
    """
    size = background.size
    anatomy = make_anatomy(subject, actions)
    paint_head(background, subject, actions, anatomy, pose, light, size)
    planes = background.planes
    planes *= np.array(light.tint, np.float32)[:, None, None] * np.float32(light.gain)
    planes += noise.standard_normal((size, size), np.float32) * np.float32(light.noise)
    image = cv2.merge([np.clip(plane + 0.5, 0, 255).astype(np.uint8) for plane in planes])
    return image, pose.project(anatomy.landmarks, size), pose.project(anatomy.outline, size)


def draw_intensity(expression: str, rng: np.random.Generator) -> float:
    """Draw the intensity of an expression, in [0.35, 1]; 1 for a neutral face."""
    return 1.0 if expression == "neutral" else float(0.35 + 0.65 * rng.beta(2.2, 1.4))


def class_sequence(classes: Sequence[str], balance: str) -> Iterator[str]:
    """Yield classes without end, with the right shares after any number of classes (Sainte-Lague apportionment)."""
    weights = np.array([WILD_COUNTS[name] if balance == "wild" else 1 for name in classes], float)
    counts = np.zeros(len(classes))
    while True:
        chosen = int(np.argmax(weights / (counts + 0.5)))
        counts[chosen] += 1
        yield classes[chosen]


def draw_face(
    seed: int,
    index: int,
    expression: str,
    classes: Sequence[str] = EXPRESSIONS,
    size: int = 160,
    context_correlation: float = 0.5,
    num_subjects: int = 120,
) -> SyntheticFace:
    """Draw face number `index` of a seed; see `faces` for the arguments."""
    rng = generator(seed, FACE_STREAM, index)
    subject = make_subject(seed, int(rng.integers(num_subjects)))
    intensity = draw_intensity(expression, rng)
    actions = make_actions(expression, intensity, rng)
    pose, light = make_pose(rng), make_light(rng)
    counts = votes(expression, intensity, tuple(classes), rng)
    valence, arousal = affect(expression, intensity, rng)
    scene = choose_scene(expression, context_correlation, rng)
    image, landmarks, outline = draw(paint_scene(scene, size, rng), subject, actions, pose, light, rng)
    hairline = landmarks[17:27, 1].min() - 0.55 * pose.scale * size
    extent = np.concatenate([landmarks, outline[outline[:, 1] > hairline]])
    (left, top), (right, bottom) = extent.min(0), extent.max(0)
    return SyntheticFace(
        image=image,
        expression=expression,
        votes=counts,
        valence=valence,
        arousal=arousal,
        age=subject.age,
        intensity=None if expression == "neutral" else round(intensity, 3),
        subject=subject.id,
        landmarks=landmarks,
        box=(float(left), float(top), float(right), float(bottom)),
        scene=scene,
    )


def faces(
    num_faces: int,
    seed: int = 0,
    classes: Sequence[str] = EXPRESSIONS,
    balance: str = "balanced",
    size: int = 160,
    context_correlation: float = 0.5,
    num_subjects: int = 120,
) -> Iterator[SyntheticFace]:
    """Draw faces one by one; face i of a seed does not depend on the number of faces.

    Args:
        num_faces: how many faces to draw.
        seed: decides everything that the other options leave open.
        classes: expressions to draw, in label order.
        balance: `balanced`, or `wild`: as long-tailed as the training images of RAF-DB.
        size: width and height in pixels.
        context_correlation: probability that the background is that of the expression; otherwise it is drawn at random.
        num_subjects: number of people to draw.

    Raises:
        ConfigError: an option is out of range, or there is no such class or balance.
    """
    choose("balance", balance, BALANCES)
    for name in classes:
        choose("expression", name, EXPRESSIONS)
    if not 0 <= context_correlation <= 1:
        raise ConfigError(f"expected context_correlation in [0, 1]; found {context_correlation}")
    for option, value, least in (("num_faces", num_faces, 0), ("size", size, 32), ("num_subjects", num_subjects, 1)):
        if value < least:
            raise ConfigError(f"expected {option} of at least {least}; found {value}")
    chosen = islice(class_sequence(classes, balance), num_faces)
    return (
        draw_face(seed, index, expression, classes, size, context_correlation, num_subjects)
        for index, expression in enumerate(chosen)
    )
