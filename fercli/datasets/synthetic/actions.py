"""What a face does: activations like those of the Facial Action Coding System, and which of them make an expression."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Actions:
    """Activations in [0, 1]; `gaze_x`, `gaze_y` (right and down positive) and `asymmetry` lie in [-1, 1].

    `asymmetry` moves `corner_pull` to one side: with 1, only the mouth corner at the right of the image moves.
    """

    inner_brow_raise: float = 0.0  # AU 1
    outer_brow_raise: float = 0.0  # AU 2
    brow_lower: float = 0.0  # AU 4
    lid_raise: float = 0.0  # AU 5
    cheek_raise: float = 0.0  # AU 6
    lid_tighten: float = 0.0  # AU 7
    nose_wrinkle: float = 0.0  # AU 9
    upper_lip_raise: float = 0.0  # AU 10
    corner_pull: float = 0.0  # AU 12
    corner_depress: float = 0.0  # AU 15
    lip_stretch: float = 0.0  # AU 20
    lip_press: float = 0.0  # AU 24
    mouth_open: float = 0.0  # AU 25 to 27
    eyes_closed: float = 0.0  # AU 43
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    asymmetry: float = 0.0


SIGNED = ("gaze_x", "gaze_y", "asymmetry")
UNSIGNED = tuple(f.name for f in fields(Actions) if f.name not in SIGNED)

# Forms of every expression at full intensity, after EMFACS (Ekman and Friesen 1983); a face shows one of the forms.
PROTOTYPES: dict[str, tuple[dict[str, float], ...]] = {
    "neutral": ({},),
    "happiness": (
        {"cheek_raise": 0.9, "corner_pull": 1.0, "mouth_open": 0.32},
        {"cheek_raise": 0.7, "corner_pull": 0.95},
        {"cheek_raise": 0.8, "corner_pull": 0.9, "mouth_open": 0.6, "outer_brow_raise": 0.2, "inner_brow_raise": 0.2},
    ),
    "sadness": (
        {"inner_brow_raise": 0.95, "brow_lower": 0.3, "corner_depress": 0.9, "eyes_closed": 0.3, "gaze_y": 0.5},
        {"inner_brow_raise": 0.7, "corner_depress": 0.8, "eyes_closed": 0.45, "gaze_y": 0.9, "lip_press": 0.2},
    ),
    "surprise": (
        {"inner_brow_raise": 0.9, "outer_brow_raise": 1.0, "lid_raise": 0.8, "mouth_open": 0.9},
        {"inner_brow_raise": 0.8, "outer_brow_raise": 0.9, "lid_raise": 0.6, "mouth_open": 0.5},
    ),
    "fear": (
        {
            "inner_brow_raise": 1.0,
            "outer_brow_raise": 0.3,
            "brow_lower": 0.5,
            "lid_raise": 1.0,
            "lip_stretch": 0.9,
            "mouth_open": 0.4,
            "corner_depress": 0.35,
        },
        {"inner_brow_raise": 0.9, "brow_lower": 0.4, "lid_raise": 0.9, "lip_stretch": 1.0, "mouth_open": 0.2},
    ),
    "disgust": (
        {"nose_wrinkle": 1.0, "upper_lip_raise": 0.9, "brow_lower": 0.5, "lid_tighten": 0.7, "corner_depress": 0.45},
        {"nose_wrinkle": 0.9, "upper_lip_raise": 1.0, "lid_tighten": 0.8, "mouth_open": 0.25, "cheek_raise": 0.4},
    ),
    "anger": (
        {"brow_lower": 1.0, "lid_raise": 0.5, "lid_tighten": 0.4, "lip_press": 0.9, "corner_depress": 0.25},
        {"brow_lower": 1.0, "lid_raise": 0.6, "mouth_open": 0.45, "lip_stretch": 0.45, "upper_lip_raise": 0.3},
    ),
    "contempt": (
        {"corner_pull": 0.55, "lid_tighten": 0.3, "lip_press": 0.4},
        {"corner_pull": 0.5, "eyes_closed": 0.3, "lip_press": 0.3, "outer_brow_raise": 0.25},
    ),
}


def make_actions(expression: str, intensity: float, rng: np.random.Generator) -> Actions:
    """Draw the actions of an expression at an intensity in [0, 1]: a varied form of it, plus unrelated movement."""
    forms = PROTOTYPES[expression]
    form = forms[rng.integers(len(forms))]
    variation = rng.lognormal(0, 0.22, len(UNSIGNED))
    unrelated = np.abs(rng.normal(0, 0.06, len(UNSIGNED)))
    values = {
        name: float(np.clip(form.get(name, 0.0) * intensity * v + u, 0, 1))
        for name, v, u in zip(UNSIGNED, variation, unrelated, strict=True)
    }
    one_sided = expression == "contempt"
    side = rng.choice((-1.0, 1.0))
    asymmetry = side * rng.uniform(0.75, 1.0) if one_sided else rng.normal(0, 0.12)
    gaze_x, gaze_y = rng.normal((0, form.get("gaze_y", 0.0) * intensity), 0.22)
    return Actions(
        **values,
        gaze_x=float(np.clip(gaze_x, -1, 1)),
        gaze_y=float(np.clip(gaze_y, -1, 1)),
        asymmetry=float(np.clip(asymmetry, -1, 1)),
    )
