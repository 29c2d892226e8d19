"""Similarity alignment: the rotation, scale and shift that move the points of a face onto a template."""

import numpy as np

# Eyes, nose tip and mouth corners in a unit square that frames the face tightly: the proportions of the 112-pixel
# template of ArcFace (Deng et al. 2019), rounded and made symmetric.
TEMPLATE = np.array([[0.343, 0.460], [0.657, 0.460], [0.500, 0.640], [0.372, 0.824], [0.628, 0.824]])


def template(size: int, margin: float) -> np.ndarray:
    """Return the (5, 2) float64 template in pixels of a square crop.

    Args:
        size: side of the crop in pixels.
        margin: added on each side of the face, as a share of the face's size.
    """
    return (TEMPLATE + margin) / (1 + 2 * margin) * size - 0.5  # pixel centers have integer coordinates


def eye_template(size: int, distance: float, height: float) -> np.ndarray:
    """Return (2, 2) float64 centers of the eyes in pixels of a square crop: level, and centered from left to right.

    Args:
        size: side of the crop in pixels.
        distance: distance between the eyes, as a share of the crop's width.
        height: distance of the eyes from the upper border, as a share of the crop's height.

    Source: Antoniadis 2021, chapter 3, which gives neither `distance` nor `height`.
    """
    return np.array([[(1 - distance) / 2, height], [(1 + distance) / 2, height]]) * size - 0.5


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the (2, 3) float64 matrix [cR | t] that minimizes sum |cR x + t - y|^2 over points x, y of shape (N, 2).

    R is a rotation without reflection, also for a mirrored face.

    Raises:
        ValueError: the source points coincide.

    Source: Umeyama 1991, equations 40 to 43.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    source_mean, target_mean = source.mean(0), target.mean(0)
    x, y = source - source_mean, target - target_mean
    variance = (x**2).sum() / len(x)
    if variance < 1e-12:
        raise ValueError("the landmarks coincide")
    u, singular, vt = np.linalg.svd(y.T @ x / len(x))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (singular * signs).sum() / variance
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])


def transform(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Apply a (2, 3) matrix to (N, 2) points."""
    return points @ matrix[:, :2].T + matrix[:, 2]
