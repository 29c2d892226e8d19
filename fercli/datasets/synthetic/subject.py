"""Who is drawn: everything about a head that stays the same from image to image."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SUBJECT_STREAM, FACE_STREAM, VIDEO_STREAM, SCENE_STREAM, ITEM_STREAM = range(5)

SKIN_TONES = np.array(
    [(247, 214, 192), (236, 196, 168), (221, 173, 138), (196, 143, 106), (158, 107, 76), (112, 74, 54)], float
)
HAIR_COLORS = np.array(
    [(28, 24, 24), (58, 38, 28), (98, 66, 42), (150, 108, 62), (205, 172, 112), (140, 66, 34)], float
)
HAIR_STYLES = ("short", "fringe", "long", "curly", "receding")
IRIS_COLORS = np.array([(70, 44, 28), (96, 66, 38), (86, 110, 72), (88, 124, 156), (54, 36, 28)], float)


def generator(seed: int, stream: int, index: int) -> np.random.Generator:
    """Return the random generator of one drawn object; it does not depend on other objects of the same seed."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))


@dataclass(frozen=True)
class Subject:
    """One person. Lengths are in half face widths, colors RGB in [0, 255], `age` in years."""

    id: str
    age: float
    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    clothes: np.ndarray
    hair_style: str
    hair_volume: float
    beard: float  # opacity, 0 for none
    glasses: bool
    face_width: float
    chin: float  # distance from the eye line
    jaw_roundness: float  # 1 is an ellipse, smaller is more angular
    eye_distance: float  # from the middle of the face
    eye_size: float
    eye_tilt: float
    brow_height: float
    brow_thickness: float
    brow_tilt: float  # how far a relaxed brow is lowered at its inner end
    nose_width: float
    nose_length: float
    mouth_width: float
    mouth_height: float  # distance from the eye line
    mouth_tilt: float  # how far the corners of a relaxed mouth hang
    lip_fullness: float


@lru_cache(maxsize=1000)  # a data set shows each of its people many times
def make_subject(seed: int, index: int) -> Subject:
    """Draw subject number `index` of a seed."""
    rng = generator(seed, SUBJECT_STREAM, index)
    age = float(np.clip(rng.gamma(4.5, 8.0), 4, 85))
    youth = np.clip((16 - age) / 12, 0, 1)
    adult_man = age > 17 and rng.random() < 0.5
    tone = rng.uniform(0, len(SKIN_TONES) - 1)
    skin = np.array([np.interp(tone, range(len(SKIN_TONES)), SKIN_TONES[:, c]) for c in range(3)])
    color = HAIR_COLORS[rng.integers(len(HAIR_COLORS) if tone < 2 else 2)]
    grey = np.clip((age - 42) / 30, 0, 1) * rng.uniform(0.5, 1)
    styles = HAIR_STYLES if adult_man else HAIR_STYLES[:-1]
    chin = rng.normal(1.24, 0.05) - 0.12 * youth
    return Subject(
        id=f"s{index:04d}",
        age=round(age, 1),
        skin=np.clip(skin + rng.normal(0, 4, 3), 0, 255),
        hair=(1 - grey) * color + grey * np.array([196.0, 194, 190]),
        iris=IRIS_COLORS[rng.integers(len(IRIS_COLORS) if tone < 2.5 else 2)],
        clothes=rng.uniform(30, 220, 3),
        hair_style=str(rng.choice(styles)),
        hair_volume=float(rng.uniform(0.08, 0.26)),
        beard=float(rng.uniform(0.25, 0.8)) if adult_man and rng.random() < 0.3 else 0.0,
        glasses=bool(rng.random() < 0.12),
        face_width=float(rng.normal(1.0, 0.045)),
        chin=float(chin),
        jaw_roundness=float(rng.uniform(0.74, 0.98)),
        eye_distance=float(rng.normal(0.44, 0.018)),
        eye_size=float(rng.normal(1.0, 0.07) + 0.12 * youth),
        eye_tilt=float(rng.normal(0.015, 0.015)),
        brow_height=float(rng.normal(0.30, 0.025)),
        brow_thickness=float(rng.uniform(0.05, 0.10)) * (1.15 if adult_man else 0.85),
        brow_tilt=float(rng.normal(0, 0.02)),
        nose_width=float(rng.normal(0.21, 0.025)),
        nose_length=float(rng.normal(0.40, 0.03) - 0.06 * youth),
        mouth_width=float(rng.normal(0.38, 0.03)),
        mouth_height=float(chin * rng.normal(0.655, 0.012)),
        mouth_tilt=float(rng.normal(0, 0.018)),
        lip_fullness=float(rng.uniform(0.75, 1.35)),
    )
