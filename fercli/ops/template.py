"""68 landmarks of a generic frontal face, for aligned crops of data without landmarks."""

import numpy as np

from fercli.ops.motion import MIRRORED_68

# Number (from 1, iBUG order) of the first of several points, and the points: left half and middle of a face in the unit
# square of fercli's alignment, with the same eye centers, nose tip and mouth corners. Drawn by eye.
_LEFT_HALF: dict[int, list[tuple[float, float]]] = {
    # The jaw, up to the middle of the chin.
    1: [(0.148, 0.470), (0.154, 0.560), (0.168, 0.650), (0.192, 0.738)],
    5: [(0.230, 0.820), (0.284, 0.893), (0.349, 0.955), (0.421, 1.004), (0.500, 1.022)],
    18: [(0.222, 0.370), (0.263, 0.334), (0.317, 0.324), (0.372, 0.332), (0.425, 0.352)],  # brow
    28: [(0.500, 0.450), (0.500, 0.513), (0.500, 0.577), (0.500, 0.640)],  # bridge of the nose to its tip
    32: [(0.433, 0.686), (0.466, 0.699), (0.500, 0.708)],  # below the nose
    37: [(0.269, 0.462), (0.315, 0.434), (0.371, 0.434), (0.417, 0.466), (0.371, 0.482), (0.315, 0.482)],  # eye
    49: [(0.372, 0.824), (0.418, 0.792), (0.466, 0.774), (0.500, 0.782)],  # upper lip
    58: [(0.500, 0.894), (0.464, 0.888), (0.414, 0.864)],  # lower lip
    61: [(0.392, 0.824), (0.464, 0.810), (0.500, 0.813)],  # where the lips meet
    67: [(0.500, 0.840), (0.464, 0.836)],
}


def template_landmarks(size: int, margin: float) -> np.ndarray:
    """(68, 2) float64 landmarks in pixels of a square crop aligned by five points; pixel centers are whole numbers.

    Args:
        size: pixels of the crop's side.
        margin: margin of the crop on each side of the face, as a share of the size of the face.
    """
    face = np.full((68, 2), np.nan)
    for first, points in _LEFT_HALF.items():
        face[first - 1 : first - 1 + len(points)] = points
    mirrored = face[[*MIRRORED_68]] * (-1, 1) + (1, 0)
    face = np.where(np.isnan(face), mirrored, face)
    return (face + margin) / (1 + 2 * margin) * size - 0.5
