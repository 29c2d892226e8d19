"""Black out the face in its scene; the result shows only where the face was."""

from math import ceil, floor
from typing import Any


def hide_face(scene: Any, box: Any) -> None:
    """Set every pixel of a scene that the box of the face touches to 0, in place; a box of NaN hides nothing.

    Args:
        scene: (..., h, w) array or tensor.
        box: left, top, right, bottom in pixels of the scene; the center of its top left pixel is (0, 0). It may reach
            beyond the scene.

    Source: Lee et al. 2019, the input of the context stream; Lin 2021, sections 1.2.1 and 4.5.1.
    """
    if any(edge != edge for edge in box):
        return
    left, top = (max(0, floor(edge + 0.5)) for edge in box[:2])
    right, bottom = (max(0, ceil(edge + 0.5)) for edge in box[2:])
    scene[..., top:bottom, left:right] = 0
