"""What the runs say, drawn into the picture."""

import cv2
import numpy as np

from fercli.inference.model import Outputs
from fercli.inference.stream import JudgedFace
from fercli.monitor.monitor import Window
from fercli.monitor.settings import NOTICE

WHITE, BLACK, CALM, ALERT = (255, 255, 255), (0, 0, 0), (0, 200, 120), (230, 60, 40)  # RGB
SHORT_NOTICE = NOTICE.partition(":")[0]


def annotated(faces: list[JudgedFace], window: Window | None = None, monitored: bool = False) -> np.ndarray:
    """(H, W, 3) uint8 RGB picture with a box and a label for each face, and the state of the monitor above.

    Args:
        window: the state of the monitor, None before its first window.
        monitored: say so, and that this is no diagnosis.
    """
    image = faces[0].still.image
    picture = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image.copy()
    unit = max(1.0, min(picture.shape[:2]) / 360)  # so that text is as large in every picture
    is_alert = window is not None and (window.bipolar_alert or window.depression_alert or window.severity_alert)
    for judged in faces:
        if judged.face is None:
            continue
        left, top, right, bottom = (round(edge) for edge in judged.face.box)
        color = ALERT if is_alert else CALM
        cv2.rectangle(picture, (left, top), (right, bottom), color, max(1, round(1.5 * unit)), cv2.LINE_AA)
        _write(picture, label(judged), (left, bottom), unit)
    if monitored:
        _write(picture, [SHORT_NOTICE, *state(window)], (0, 0), unit)
    return picture


def label(judged: JudgedFace) -> list[str]:
    """The lines that stand at a face; where two runs predict the same, each line begins with the number of its run."""
    names = [name for said in judged.said for name in said]
    numbered = len(set(names)) < len(names)
    return [f"{i}: {line}" if numbered else line for i, said in enumerate(judged.said, 1) for line in answers(said)]


def answers(said: Outputs) -> list[str]:
    """What one run says of a face, a line for each thing that it predicts."""
    lines = []
    if "predicted" in said:
        lines.append(f"{said['predicted']} {said['prob_' + said['predicted']]:.0%}")
    if "predicted_valence" in said:
        lines.append(f"valence {said['predicted_valence']:+.2f}, arousal {said['predicted_arousal']:+.2f}")
    if "predicted_score" in said:
        lines.append(f"score {said['predicted_score']:.1f}")
    return lines


def state(window: Window | None) -> list[str]:
    """The lines of the monitor."""
    if window is None:
        return ["monitor: the first window is not complete"]
    lines = [f"entropy {window.entropy:.2f} ({window.normalized_entropy:.0%})"]
    if window.severity is not None:
        lines.append(f"severity {window.severity} ({window.score:.0f})")
    alerts = {"bipolar": window.bipolar_alert, "depression": window.depression_alert, "severity": window.severity_alert}
    lines += [f"{name} alert" for name, rings in alerts.items() if rings]
    return lines


def _write(picture: np.ndarray, lines: list[str], corner: tuple[int, int], unit: float) -> None:
    """Lines of white text on black, below a corner, moved inside the picture where they would leave it."""
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
