"""How often the disorder monitor gives an alert on frames of known emotion."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import NamedFigure, horizontal_grid, new_figure, styled
from fercli.figures.monitor import ALERTS
from fercli.figures.needs import Needs
from fercli.metrics.metric import Columns, known_rows
from fercli.monitor.monitor import Monitor
from fercli.monitor.settings import Settings

NEEDS = Needs.RUN


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the alerts on the frames of each class.

    The evaluated rows must be frames of videos, and the classes must include the negative emotions of the monitor.

    Source: Lin 2021 does not evaluate the monitor. This figure shows the alerts of a person who keeps one emotion.
    """
    columns, classes, settings = evaluated.evaluation.columns, evaluated.evaluation.classes, Settings()
    if "probabilities" not in columns or "video" not in columns or not set(settings.negative) <= set(classes):
        return
    known = np.flatnonzero(known_rows(columns, ["expression"]) & (columns["video"] != None))  # noqa: E711
    rows = evaluated.samples(known)
    time = evaluated.data.store.column("time")[rows if rows.ndim == 1 else rows[:, -1]]
    if not np.isfinite(time).any():
        return
    shares = alert_shares({name: column[known] for name, column in columns.items()}, time, classes, settings)
    if any(number for number, _, _ in shares.values()):
        caption = "Share of windows with an alert of the monitor; the clips of each emotion follow one another"
        yield NamedFigure("monitor_alerts", caption, alert_share_figure(shares))


def alert_shares(
    columns: Columns, time: np.ndarray, classes: tuple[str, ...], settings: Settings
) -> dict[str, tuple[int, float, float]]:
    """Return for each class the number of windows and the shares of them with a bipolar and a depression alert.

    All frames of a class form one stream at the stored frame rate. The shares are NaN where no window is complete.

    Args:
        columns: `expression` (n,), `probabilities` (n, K) and `video` (n,).
        time: (n,) seconds from the start of the video.
    """
    order = np.lexsort((time, columns["video"].astype(str)))
    steps = np.diff(time[order])
    within = steps[(columns["video"][order][1:] == columns["video"][order][:-1]) & (steps > 0)]
    if not len(within):
        return {}
    rate = 1 / float(np.median(within))
    shares = {}
    for number, name in enumerate(classes):
        monitor = Monitor(classes, settings, rate)
        stream = columns["probabilities"][order[columns["expression"][order] == number]]
        windows = [w for i, p in enumerate(stream) if (w := monitor.update(p, None, i / rate)) is not None]
        alerts = np.array([(w.bipolar_alert, w.depression_alert) for w in windows]).reshape(-1, 2)
        bipolar, depression = alerts.mean(0) if len(alerts) else (np.nan, np.nan)
        shares[name] = (len(windows), float(bipolar), float(depression))
    return shares


@styled
def alert_share_figure(shares: Mapping[str, tuple[int, float, float]]) -> Figure:
    """Draw, for a person who shows one emotion only, the share of windows under each alert.

    Args:
        shares: by emotion, the number of windows and the shares of them under a bipolar and a depression alert.
    """
    figure, ((axes,),) = new_figure(width=max(5.4, 0.85 * len(shares)), height=3.7)
    places = np.arange(len(shares))
    for shift, column, place in ((-0.2, "bipolar_alert", 1), (0.2, "depression_alert", 2)):
        label, color = ALERTS[column]
        values = [share[place] for share in shares.values()]
        axes.bar(places + shift, values, width=0.36, color=color, label=f"{label} alert")
    names = [f"{name}\n{number:,}" for name, (number, _, _) in shares.items()]
    axes.set_xticks(places, names, fontsize=8.5)
    axes.set(ylim=(0, 1), ylabel="share of windows", xlabel="true emotion, and its windows")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(fontsize=8.5)
    horizontal_grid(axes)
    return figure
