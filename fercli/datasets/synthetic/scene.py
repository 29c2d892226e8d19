"""The scene behind a head. Every expression has its own scene, so that the context can carry the label."""

import numpy as np

from fercli.datasets.synthetic.canvas import Canvas, ribbon

SCENES = {
    "neutral": "room",
    "happiness": "park",
    "sadness": "rain",
    "surprise": "party",
    "fear": "alley",
    "disgust": "swamp",
    "anger": "fire",
    "contempt": "office",
}


_ANGLES = np.linspace(0, 2 * np.pi, 17)[:-1]
CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])  # of radius 1


def choose_scene(expression: str, correlation: float, rng: np.random.Generator) -> str:
    """Return the scene of the expression with probability `correlation`, otherwise a random scene."""
    own = rng.random() < correlation
    other = str(rng.choice(list(SCENES.values())))
    return SCENES[expression] if own else other


def _gradient(size: int, top: tuple[float, float, float], bottom: tuple[float, float, float]) -> np.ndarray:
    columns = np.linspace(top, bottom, size, dtype=np.float32).T[:, :, None]
    return np.repeat(columns, size, axis=2)


def _rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _disc(x: float, y: float, radius: float) -> np.ndarray:
    return np.array([x, y]) + radius * CIRCLE


def _room(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (206, 200, 188), (176, 166, 150)))
    x = rng.uniform(0.02, 0.6)
    canvas.fill(_rectangle(x, 0.05, x + 0.3, 0.4) * size, (120, 90, 60))
    canvas.fill(_rectangle(x + 0.02, 0.07, x + 0.28, 0.38) * size, rng.uniform(120, 220, 3))
    canvas.fill(_rectangle(0, 0.82, 1, 1) * size, (120, 96, 74))
    return canvas


def _park(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (110, 180, 240), (196, 226, 246)))
    canvas.fill(_disc(rng.uniform(0.1, 0.9), rng.uniform(0.06, 0.2), 0.08) * size, (255, 244, 170), 0.02 * size)
    canvas.fill(_rectangle(0, 0.66, 1, 1) * size, (110, 176, 74), 0.01 * size)
    trees = rng.uniform((0, 0.34), (1, 0.46), (4, 2))
    canvas.fill([_rectangle(x - 0.02, y, x + 0.02, 0.72) * size for x, y in trees], (110, 76, 44))
    canvas.fill([_disc(x, y, 0.13) * size for x, y in trees], (70, 140, 60), 0.015 * size)
    return canvas


def _rain(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (84, 94, 108), (122, 130, 140)))
    clouds = [_disc(x, y, 0.15) * size for x, y in rng.uniform((0, 0), (1, 0.3), (4, 2))]
    canvas.fill(clouds, (70, 78, 90), 0.05 * size)
    drop = ribbon(np.array([(0, 0), (0.025, 0.11)]), 0.008)
    canvas.fill((rng.uniform(-0.1, 1, (45, 1, 2)) + drop) * size, (178, 190, 205), 0, 0.6)
    return canvas


def _party(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (120, 60, 140), (200, 110, 150)))
    for x, y in rng.uniform((0, 0), (1, 0.6), (7, 2)):
        canvas.fill(_disc(x, y, 0.075) * size, rng.uniform(90, 255, 3), 0.004 * size)
    for confetti in rng.uniform(0, 1, (5, 8, 2)):
        canvas.fill([_disc(x, y, 0.012) * size for x, y in confetti], rng.uniform(120, 255, 3))
    return canvas


def _alley(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (16, 18, 30), (34, 34, 46)))
    edge = rng.uniform(0.15, 0.3)
    walls = ((0, edge), (1 - edge, 1))
    canvas.fill([_rectangle(left, 0, right, 1) * size for left, right in walls], (44, 38, 40), 0.01 * size)
    rows = np.linspace(0.05, 0.95, 10)
    joints = [_rectangle(left, y, right, y + 0.01) * size for y in rows for left, right in walls]
    canvas.fill(joints, (24, 20, 24))
    canvas.fill(_disc(rng.choice((0.3, 0.7)), 0.12, 0.05) * size, (210, 190, 120), 0.04 * size)
    return canvas


def _swamp(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (120, 122, 66), (70, 76, 34)))
    for bubbles in rng.uniform((0, 0, 0.03), (1, 1, 0.1), (4, 4, 3)):
        green = (rng.uniform(96, 146), rng.uniform(110, 140), 30)
        canvas.fill([_disc(x, y, radius) * size for x, y, radius in bubbles], green, 0.012 * size)
    canvas.fill([_disc(x, y, 0.012) * size for x, y in rng.uniform(0, 1, (16, 2))], (50, 40, 20))
    return canvas


def _fire(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (70, 16, 12), (226, 84, 20)))
    for x in np.linspace(0, 1, 9) + rng.normal(0, 0.03, 9):
        height = rng.uniform(0.35, 0.85)
        flame = np.array([(x - 0.1, 1.02), (x, 1 - height), (x + 0.1, 1.02)])
        canvas.fill(flame * size, (250, 150 + 60 * rng.random(), 40), 0.025 * size, 0.7)
    return canvas


def _office(size: int, rng: np.random.Generator) -> Canvas:
    canvas = Canvas(_gradient(size, (190, 204, 214), (150, 164, 178)))
    start = rng.uniform(0, 0.12)
    windows = [(x, x + 0.2) for x in start + np.arange(4) * 0.26]
    canvas.fill([_rectangle(left, 0.04, right, 0.6) * size for left, right in windows], (226, 238, 246))
    rows = np.arange(0.08, 0.6, 0.06)
    slats = [_rectangle(left, y, right, y + 0.012) * size for y in rows for left, right in windows]
    canvas.fill(slats, (168, 184, 198))
    canvas.fill(_rectangle(0, 0.8, 1, 1) * size, (92, 100, 112))
    return canvas


_PAINTERS = {
    "room": _room,
    "park": _park,
    "rain": _rain,
    "party": _party,
    "alley": _alley,
    "swamp": _swamp,
    "fire": _fire,
    "office": _office,
}


def paint_scene(scene: str, size: int, rng: np.random.Generator) -> Canvas:
    """Return a square canvas of `size` pixels with a scene on it."""
    return _PAINTERS[scene](size, rng)
