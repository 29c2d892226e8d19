"""Drawn faces in scenes, in the layouts of CAER and CAER-S; face, scene or both show the class."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from fercli.datasets.media import write_image
from fercli.datasets.synthetic.faces import class_sequence
from fercli.datasets.synthetic.film import write_video
from fercli.datasets.synthetic.portraits import portrait_in_scene
from fercli.datasets.synthetic.scene import SCENES
from fercli.datasets.synthetic.subject import SCENE_STREAM, Subject, generator, make_subject
from fercli.errors import ConfigError
from fercli.taxonomy import EXPRESSIONS

CLASSES = EXPRESSIONS[:7]
FOLDERS = dict(zip(CLASSES, ("Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "Anger"), strict=True))
STILL_TURNS = ("train", "train", "test")  # approximately as in CAER-S, which has no validation split
CLIP_TURNS = ("train", "train", "train", "validation", "test")
NUM_SUBJECTS = 40  # for each split


@dataclass(frozen=True)
class WrittenScene:
    """One image or clip: the id that its reader gives, its file, its class, and (68, 2) or (T, 68, 2) landmarks."""

    id: str
    file: str
    expression: str
    landmarks: np.ndarray


@dataclass(frozen=True)
class Cues:
    """How often face and scene show the class.

    Args:
        context_correlation: probability that the scene is that of the class; otherwise it is drawn at random.
        face_correlation: probability that the face shows the class; otherwise its expression is drawn at random.

    Raises:
        ConfigError: a value is not in [0, 1].
    """

    context_correlation: float = 1.0
    face_correlation: float = 1.0

    def __post_init__(self) -> None:
        for name in ("context_correlation", "face_correlation"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"expected {name} in [0, 1]; found {getattr(self, name)}")

    def draw(self, expression: str, rng: np.random.Generator) -> tuple[str, str]:
        """Draw the expression of the face, and the scene, for an image of a class."""
        correlations = (self.face_correlation, self.context_correlation)
        face, scene = (expression if rng.random() < share else str(rng.choice(CLASSES)) for share in correlations)
        return face, SCENES[scene]


BOTH_CUES = Cues()


def write_caer_s(
    folder: Path, num_images: int, cues: Cues = BOTH_CUES, size: int = 176, seed: int = 0
) -> list[WrittenScene]:
    """Write CAER-S: `train/Happy/0001.png` and so on; classes are balanced, and no person is in two splits.

    Args:
        size: width and height in pixels.
    """
    written = []
    for split, expression, number, rng in _turns(STILL_TURNS, num_images, seed):
        face, scene = cues.draw(expression, rng)
        drawn = portrait_in_scene(_subject(split, STILL_TURNS, seed, rng), face, scene, size, rng)
        key = f"{split}/{FOLDERS[expression]}/{number:04d}"
        write_image(folder / f"{key}.png", drawn.image)
        written.append(WrittenScene(key, f"{key}.png", expression, drawn.landmarks))
    return written


def write_caer(
    folder: Path, num_clips: int, num_frames: int = 6, cues: Cues = BOTH_CUES, size: int = 96, seed: int = 0
) -> list[WrittenScene]:
    """Write CAER: `train/Happy/0001.avi` and so on; pose and light are drawn for each frame, so faces jump."""
    written = []
    for split, expression, number, rng in _turns(CLIP_TURNS, num_clips, seed):
        face, scene = cues.draw(expression, rng)
        subject = _subject(split, CLIP_TURNS, seed, rng)
        frames = [portrait_in_scene(subject, face, scene, size, rng) for _ in range(num_frames)]
        key = f"{split}/{FOLDERS[expression]}/{number:04d}"
        write_video(folder / f"{key}.avi", (frame.image for frame in frames), 10.0)
        landmarks = np.stack([frame.landmarks for frame in frames])
        written.append(WrittenScene(key, f"{key}.avi", expression, landmarks))
    return written


def _turns(turns: tuple[str, ...], num: int, seed: int) -> Iterator[tuple[str, str, int, np.random.Generator]]:
    """Yield split, class, number within split and class from 1, and random generator of each image or clip."""
    counts: dict[tuple[str, str], int] = {}
    for index, expression in enumerate(islice(class_sequence(CLASSES, "balanced"), num)):
        split = turns[index // len(CLASSES) % len(turns)]
        counts[split, expression] = counts.get((split, expression), 0) + 1
        yield split, expression, counts[split, expression], generator(seed, SCENE_STREAM, index)


def _subject(split: str, turns: tuple[str, ...], seed: int, rng: np.random.Generator) -> Subject:
    first = NUM_SUBJECTS * turns.index(split)
    return make_subject(seed, first + int(rng.integers(NUM_SUBJECTS)))
