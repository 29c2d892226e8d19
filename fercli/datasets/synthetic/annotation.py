"""The labels that annotators give to a drawn face: votes, valence and arousal."""

import numpy as np

NUM_ANNOTATORS = 10

# Valence and arousal of an expression at full intensity: its place on the circumplex of Russell (1980).
CIRCUMPLEX = {
    "neutral": (0.0, 0.0),
    "happiness": (0.80, 0.35),
    "sadness": (-0.75, -0.40),
    "surprise": (0.20, 0.80),
    "fear": (-0.55, 0.80),
    "disgust": (-0.75, 0.40),
    "anger": (-0.55, 0.70),
    "contempt": (-0.60, 0.15),
}

# The classes that annotators confuse a weak or ambiguous face with; shares sum to 1.
CONFUSED_WITH = {
    "neutral": {"sadness": 0.5, "contempt": 0.3, "happiness": 0.2},
    "happiness": {"neutral": 0.8, "surprise": 0.1, "contempt": 0.1},
    "sadness": {"neutral": 0.7, "fear": 0.15, "disgust": 0.15},
    "surprise": {"fear": 0.6, "neutral": 0.25, "happiness": 0.15},
    "fear": {"surprise": 0.6, "sadness": 0.25, "neutral": 0.15},
    "disgust": {"anger": 0.55, "neutral": 0.2, "sadness": 0.15, "contempt": 0.1},
    "anger": {"disgust": 0.4, "neutral": 0.5, "contempt": 0.1},
    "contempt": {"neutral": 0.6, "happiness": 0.3, "disgust": 0.1},
}
AMBIGUITY = {"neutral": 0.15, "happiness": 0.05, "surprise": 0.15, "contempt": 0.30}  # at full intensity
OTHER_AMBIGUITY = 0.20


def vote_probabilities(expression: str, intensity: float, classes: tuple[str, ...]) -> np.ndarray:
    """Return (K,) probability that an annotator names each class; a weak or ambiguous face gives a flatter one."""
    doubt = AMBIGUITY.get(expression, OTHER_AMBIGUITY)
    if expression != "neutral":
        doubt += (0.65 - doubt) * (1 - intensity) ** 2
    chance = np.full(len(classes), 0.02 / len(classes))
    for name, share in CONFUSED_WITH[expression].items():
        if name in classes:
            chance[classes.index(name)] += doubt * share
    chance[classes.index(expression)] += 1 - doubt
    return chance / chance.sum()


def votes(expression: str, intensity: float, classes: tuple[str, ...], rng: np.random.Generator) -> tuple[int, ...]:
    """Draw the votes of `NUM_ANNOTATORS` annotators, in the order of `classes`."""
    return tuple(int(n) for n in rng.multinomial(NUM_ANNOTATORS, vote_probabilities(expression, intensity, classes)))


def affect(expression: str, intensity: float, rng: np.random.Generator) -> tuple[float, float]:
    """Draw valence and arousal in [-1, 1]: the place of the class, scaled by intensity, with the noise of raters."""
    valence, arousal = np.clip(np.array(CIRCUMPLEX[expression]) * intensity + rng.normal(0, 0.08, 2), -1, 1)
    return round(float(valence), 4), round(float(arousal), 4)
