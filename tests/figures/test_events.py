import numpy as np

from fercli.figures.events import events_figure
from fercli.figures.shorten import shorten_names
from fercli.monitor.settings import NOTICE
from fercli.screening.alerts import Event, Line, alert_document

TIME = np.arange(0, 60.0)


def test_events_and_alerts_have_a_lane_for_each_kind():
    on = ((TIME >= 12) & (TIME < 20)) | (TIME >= 50)
    line = Line("a.mp4", "person 1", TIME, {"bipolar": on, "severity": TIME < 0})
    events = [Event("a.mp4", "person 1", "bipolar", 10, 30)]
    figure = events_figure([line], events, alert_document([line], events)[1])
    shorten_names(figure)
    assert figure._supxlabel.get_text().replace("\n", " ") == NOTICE
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a.mp4, person 1\nbipolar"]
    boxes = [path.get_extents() for bars in axes.collections for path in bars.get_paths()]
    assert [(box.x0, box.x1) for box in boxes] == [(10, 30), (12, 20), (50, 60)]
