"""The figures that `fercli predict` writes beside its tables."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from fercli.figures.alerts import false_alarm_figure
from fercli.figures.figure import save_figure
from fercli.figures.monitor import timeline_figure
from fercli.figures.strip import strip_figure
from fercli.inference.model import Model
from fercli.inference.output import output_file
from fercli.inference.predict import Account, emotions
from fercli.monitor.monitor import Window
from fercli.monitor.settings import Counts, Settings
from fercli.monitor.streams import false_alarms

ACCURACIES = np.linspace(0.5, 1.0, 26)
NUM_DRAWN = 100_000  # predictions for each point of the curve of false alarms


def monitor_pictures(account: Account, models: Sequence[Model], settings: Settings, out: Path) -> list[Path]:
    """Write a time line for each watched video, and one figure of the false alarms of a stable person."""
    written = []
    for source, windows in account.windows.items():
        columns = {f.name: np.array([getattr(window, f.name) for window in windows.values]) for f in fields(Window)}
        target = output_file(out / "monitor", source, ".png")
        save_figure(timeline_figure(columns, emotions(models), settings, source), target)
        written.append(target)
    if account.windows:
        written.append(_false_alarms(settings.counts(account.rate), models, settings, out))
    return written


def _false_alarms(counts: Counts, models: Sequence[Model], settings: Settings, out: Path) -> Path:
    persistences = sorted({1, counts.persistence})
    of_clips = Counts(clip=1, window=counts.window)
    classes = len(emotions(models))
    rates = false_alarms(ACCURACIES.tolist(), persistences, of_clips, settings.threshold, classes, NUM_DRAWN)
    accuracy = next(model.accuracy for model in models if model.classifies)
    target = out / "monitor" / "false-alarms.png"
    save_figure(false_alarm_figure(ACCURACIES.tolist(), persistences, rates, accuracy), target)
    return target


def strips(account: Account, runs: Sequence[str], out: Path) -> list[Path]:
    """Write a strip of moments for each video."""
    written = []
    for source, strip in account.strips.items():
        moments = strip.moments()
        picture = strip_figure(
            [moment.time for moment in moments],
            [moment.picture for moment in moments],
            [moment.face for moment in moments],
            [["\n".join(lines) for lines in moment.said] or [""] * len(runs) for moment in moments],
            runs,
            source,
        )
        target = output_file(out / "strip", source, ".png")
        save_figure(picture, target)
        written.append(target)
    return written
