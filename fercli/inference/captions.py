"""What is written on an image: the predictions for a face, and the state of the monitor."""

from collections.abc import Sequence

from fercli.inference.outputs import Outputs
from fercli.inference.stream import FacePrediction
from fercli.monitor.monitor import Window
from fercli.monitor.settings import NOTICE
from fercli.ops.severity import severity
from fercli.scales import Scale

SHORT_NOTICE = NOTICE.partition(":")[0]
NO_FACE = "no face found"


def states(windows: Sequence[Window | None], names: Sequence[str | None]) -> list[str]:
    """Return the state of the monitor for one person, or a line for each of several."""
    if len(windows) == 1:
        return state(windows[0])
    told = [(name, window) for name, window in zip(names, windows, strict=True) if name is not None]
    return [f"{name}: {', '.join(state(window)) if window else 'no window yet'}" for name, window in told]


def label(predicted: FacePrediction) -> list[str]:
    """Return the lines at a face, with run numbers where two runs predict the same output or a run predicts none."""
    names = [name for said in predicted.said for name in said]
    numbered = len(set(names)) < len(names) or not all(predicted.said)
    return [f"{i}: {line}" if numbered else line for i, said in enumerate(predicted.said, 1) for line in answers(said)]


def answers(said: Outputs, scale: Scale | None = None) -> list[str]:
    """Return the predictions of one run for a face, a line each; with a scale, a score has its unit and its band."""
    lines = []
    if "predicted" in said:
        lines.append(f"{said['predicted']} {said['prob_' + said['predicted']]:.0%}")
    if "predicted_valence" in said:
        lines.append(f"valence {said['predicted_valence']:+.2f}, arousal {said['predicted_arousal']:+.2f}")
    if "predicted_score" in said:
        score = float(said["predicted_score"])
        band = f" ({scale.names[int(severity(score, scale))]})" if scale is not None and scale.bands else ""
        lines.append(f"score {score:.1f}" + ("" if scale is None else f" {scale.unit}{band}"))
    return lines


def state(window: Window | None) -> list[str]:
    """Return the lines of the monitor."""
    if window is None:
        return ["monitor: the first window is not complete"]
    lines = [f"entropy {window.entropy:.2f} ({window.normalized_entropy:.0%})"]
    if window.severity is not None:
        lines.append(f"severity {window.severity} ({window.score:.0f})")
    alerts = {"bipolar": window.bipolar_alert, "depression": window.depression_alert, "severity": window.severity_alert}
    lines += [f"{name} alert" for name, rings in alerts.items() if rings]
    return lines
