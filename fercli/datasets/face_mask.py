"""Masks of the eyes and the mouth of a face, which the mask decoder learns to draw."""

import cv2
import numpy as np

# Points 37-42, 43-48 and 49-60 of the 68 (iBUG order), counted from 1: both eyes and the outer mouth.
REGIONS = (slice(36, 42), slice(42, 48), slice(48, 60))
FRACTION_BITS = 4  # OpenCV takes coordinates in sixteenths of a pixel
FARTHEST = 10_000  # pixels: OpenCV draws with 32-bit integers


def face_mask(landmarks: np.ndarray, height: int, width: int) -> np.ndarray:
    """Draw a (height, width) uint8 mask: 255 in the convex hulls of eyes and outer mouth, borders included, else 0.

    Args:
        landmarks: (68, 2) x and y in pixels of the image; NaN where unknown, which gives an empty mask.

    Source: Antoniadis 2021, chapter 5, multi-task learning of landmark regions.
    """
    mask = np.zeros((height, width), np.uint8)
    if np.isnan(landmarks).any():
        return mask
    points = np.clip(landmarks, -FARTHEST, FARTHEST) * 2**FRACTION_BITS
    for region in REGIONS:
        hull = cv2.convexHull(np.round(points[region]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 255, shift=FRACTION_BITS)
    return mask
