"""How often the disorder monitor gives an alert on recordings whose emotions are known."""

from collections.abc import Iterator

import numpy as np

from fercli.experiment.evaluation import Judged
from fercli.experiment.shown import Picture
from fercli.metrics.metric import Columns, known_rows
from fercli.monitor.monitor import Monitor
from fercli.monitor.settings import Settings
from fercli.reports.monitor import alert_share_plot


def monitor_pictures(judged: Judged) -> Iterator[Picture]:
    """Alerts on the frames of each class, where frames of videos were judged and the monitor knows the classes.

    Source: Lin 2021 evaluates nothing; this is what a stable person of each emotion would see.
    """
    columns, classes, settings = judged.evaluation.columns, judged.evaluation.classes, Settings()
    if "probabilities" not in columns or "video" not in columns or not set(settings.negative) <= set(classes):
        return
    known = np.flatnonzero(known_rows(columns, ["expression"]) & (columns["video"] != None))  # noqa: E711
    rows = judged.samples(known)
    time = judged.data.store.column("time")[rows if rows.ndim == 1 else rows[:, -1]]
    if not np.isfinite(time).any():
        return
    shares = alert_shares({name: column[known] for name, column in columns.items()}, time, classes, settings)
    if any(number for number, _, _ in shares.values()):
        caption = "Share of windows under an alert of the monitor, the clips of each emotion one after the other"
        yield "monitor_alerts", caption, alert_share_plot(shares)


def alert_shares(
    columns: Columns, time: np.ndarray, classes: tuple[str, ...], settings: Settings
) -> dict[str, tuple[int, float, float]]:
    """For each class, windows and the shares of them under a bipolar and under a depression alert.

    The frames of all its clips are one stream, as fast as they were stored; shares are NaN without a whole window.

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
