"""The figures that `fercli predict` writes beside its tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from fercli.figures.false_alarms import false_alarm_figure
from fercli.figures.figure import save_figure
from fercli.figures.monitor import timeline_figure
from fercli.figures.over_time import over_time_figure
from fercli.figures.strip import strip_figure
from fercli.inference.account import Account
from fercli.inference.columns import held_out_of_columns, scale_of
from fercli.inference.model import Model
from fercli.inference.output import output_file
from fercli.inference.strip import MOST_DRAWN
from fercli.inference.watch import emotions
from fercli.monitor.monitor import Window
from fercli.monitor.settings import Counts, Settings
from fercli.monitor.streams import false_alarms

ACCURACIES = np.linspace(0.5, 1.0, 26)
NUM_DRAWN = 100_000  # predictions for each point of the curve of false alarms


def monitor_pictures(account: Account, models: Sequence[Model], settings: Settings, out: Path) -> list[Path]:
    """Write a time line for each watched person, and one figure of the false alarms of a stable person.

    Of each video, the first `MOST_DRAWN` people have a time line.
    """
    written: list[Path] = []
    drawn: Counter[str] = Counter()
    for (source, name), watched in account.watched.items():
        if not watched.windows.values or drawn[source] == MOST_DRAWN:
            continue
        drawn[source] += 1
        windows = watched.windows.values
        columns = {f.name: np.array([getattr(window, f.name) for window in windows]) for f in fields(Window)}
        target = of_person(out / "monitor", source, name)
        save_figure(timeline_figure(columns, emotions(models), settings, f"{source}, {name}"), target)
        written.append(target)
    if written:
        rate = next(one.rate for one in account.watched.values() if one.windows.values)
        written.append(_false_alarms(settings.counts(rate), models, settings, out))
    return written


def of_person(folder: Path, source: str, name: str) -> Path:
    """Return the file of a figure of one person of a video."""
    return output_file(folder, f"{source}, {name}", ".png")


def over_time(account: Account, models: Sequence[Model], out: Path) -> list[Path]:
    """Write a figure of scores, valence and arousal over time for each video of two seconds or more."""
    errors, written = held_out_of_columns(models), []
    for source in dict.fromkeys(row["source"] for row in account.seconds_of_people):
        rows = [row for row in account.seconds_of_people if row["source"] == source]
        if len({row["second"] for row in rows}) < 2:
            continue
        target = output_file(out / "over-time", source, ".png")
        known = {name: error.value for name, error in errors.items() if error.is_error}
        save_figure(over_time_figure(rows, known, scale_of(models), source), target)
        written.append(target)
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
    """Write a strip of moments for each person of a video, as far as the account has it."""
    written = []
    for (source, name), strip in account.strips.items():
        moments = strip.moments()
        picture = strip_figure(
            [moment.time for moment in moments],
            [moment.picture for moment in moments],
            [moment.face for moment in moments],
            [["\n".join(lines) for lines in moment.said] or [""] * len(runs) for moment in moments],
            runs,
            f"{source}, {name}",
        )
        target = of_person(out / "strip", source, name)
        save_figure(picture, target)
        written.append(target)
    return written
