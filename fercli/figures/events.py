"""Alerts of the monitor beside the events that were labelled."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from fercli.figures.figure import BLUE, GRAY, ORANGE, new_figure, styled, wide_legend
from fercli.figures.shorten import MOST_OF_A_LINE
from fercli.monitor.settings import NOTICE
from fercli.screening.alerts import Event, Line, Outcome

MOST_LANES = 24


@styled
def events_figure(lines: Sequence[Line], events: Sequence[Event], outcomes: Sequence[Outcome]) -> Figure:
    """Draw a lane for each recording, person and kind of alert: events above, alerts below them.

    Lanes without an event and without an alert are left out; of more than `MOST_LANES`, the first are drawn.
    """
    lanes = [
        (line, alert)
        for line in lines
        for alert in line.alerts
        if line.alerts[alert].any() or any(_belongs(one, line, alert) for one in events)
    ][:MOST_LANES]
    figure, ((axes,),) = new_figure(width=8.6, height=1.6 + 0.46 * max(1, len(lanes)))
    for lane, (line, alert) in enumerate(lanes):
        false = [one.start for one in outcomes if not one.is_event and _belongs(one, line, alert)]
        for one in (one for one in events if _belongs(one, line, alert)):
            axes.broken_barh([(one.start, one.end - one.start)], (lane - 0.4, 0.36), color=GRAY, linewidth=0)
        for start, end in line.spans(line.alerts[alert]):
            color = ORANGE if start in false else BLUE
            axes.broken_barh([(start, end - start)], (lane + 0.02, 0.36), color=color, linewidth=0)
    names = [f"{', '.join(filter(None, (line.source, line.person)))}\n{alert}" for line, alert in lanes]
    axes.set_yticks(range(len(lanes)), names)
    axes.set(ylim=(max(1, len(lanes)) - 0.5, -0.5), xlabel="seconds")
    axes.set_xlim(0, max((line.time[-1] for line in lines), default=1))
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    for color, label in ((GRAY, "labelled event"), (BLUE, "alert in an event"), (ORANGE, "false alarm")):
        axes.broken_barh([], (0, 1), color=color, label=label)
    wide_legend(figure, axes.get_legend_handles_labels()[0], "outside upper center", ncols=3, fontsize=8.5)
    figure.supxlabel(textwrap.fill(NOTICE, MOST_OF_A_LINE), fontsize=8, color="#555555")
    return figure


def _belongs(one: Event | Outcome, line: Line, alert: str) -> bool:
    return (one.source, one.person, one.alert) == (line.source, line.person, alert)
