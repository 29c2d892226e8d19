"""The predictions of the runs, drawn into an image or a video frame."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest

import cv2
import numpy as np

from fercli.inference.captions import NO_FACE, SHORT_NOTICE, label, states
from fercli.inference.stream import FacePrediction
from fercli.monitor.monitor import Window
from fercli.preprocess.no_face import center_face

WHITE, BLACK, CALM, ALERT = (255, 255, 255), (0, 0, 0), (0, 200, 120), (230, 60, 40)  # RGB
DASH = 5  # length of a dash, and of the gap after it, in thicknesses of the line


def annotated(
    faces: Sequence[FacePrediction],
    windows: Sequence[Window | None] = (None,),
    names: Sequence[str | None] = (None,),
    monitored: bool = False,
) -> np.ndarray:
    """Return a (H, W, 3) uint8 RGB image with a box and a label for each face, and the state of the monitor above.

    If no face was found and a run predicted the middle of the image, the box around the middle is dashed.

    Args:
        faces: of one image; at least one, with `face` None where none was found.
        windows: the state of the monitor for each face, None before its first window.
        names: of the people, None for a face of nobody who is known.
        monitored: write the state of the monitor, and that it is no diagnosis.
    """
    image = faces[0].still.image
    picture = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image.copy()
    unit = max(1.0, min(picture.shape[:2]) / 360)  # so that text has the same relative size in every image
    for predicted, window, name in zip_longest(faces, windows, names):
        is_alert = window is not None and (window.bipolar_alert or window.depression_alert or window.severity_alert)
        color, thick = ALERT if is_alert else CALM, max(1, round(1.5 * unit))
        if predicted.face is not None:
            left, top, right, bottom = (round(edge) for edge in predicted.face.box)
            cv2.rectangle(picture, (left, top), (right, bottom), color, thick, cv2.LINE_AA)
            _write(picture, [*([name] if name else []), *label(predicted)], (left, bottom), unit)
        elif predicted.predicted_by_middle:
            left, top, right, bottom = (round(edge) for edge in center_face(image).box)
            _draw_dashed(picture, (left, top, right, bottom), WHITE, thick)
            _write(picture, [NO_FACE, *label(predicted)], (left, bottom), unit)
    if monitored:
        _write(picture, [SHORT_NOTICE, *states(windows, names)], (0, 0), unit)
    return picture


def _draw_dashed(picture: np.ndarray, box: tuple[int, int, int, int], color: tuple[int, int, int], thick: int) -> None:
    """Draw a box of dashes, which are as long as the gaps between them."""
    left, top, right, bottom = box
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    for start, end in pairwise(corners):
        num_dashes = max(2, round(np.linalg.norm(end - start) / (2 * DASH * thick)))
        places = np.linspace(start, end, 2 * num_dashes + 1).round().astype(int).tolist()
        for dash in zip(places[0::2], places[1::2], strict=False):
            cv2.line(picture, *dash, color, thick, cv2.LINE_AA)


def _write(picture: np.ndarray, lines: list[str], corner: tuple[int, int], unit: float) -> None:
    """Write white text on a darker ground below a corner, moved inside the image where it would leave it."""
    if not lines:
        return
    scale, thick, pad = 0.42 * unit, max(1, round(unit)), round(4 * unit)
    sizes = [cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)[0] for line in lines]
    width, height = max(w for w, _ in sizes) + 2 * pad, sum(h + pad for _, h in sizes) + pad
    left = max(0, min(corner[0], picture.shape[1] - width))
    top = max(0, min(corner[1], picture.shape[0] - height))
    shade = picture[top : top + height, left : left + width]
    shade[:] = shade // 3
    y = top
    for line, (_, line_height) in zip(lines, sizes, strict=True):
        y += line_height + pad
        at = (left + pad, y)
        cv2.putText(picture, line, at, cv2.FONT_HERSHEY_SIMPLEX, scale, WHITE, thick, cv2.LINE_AA)
