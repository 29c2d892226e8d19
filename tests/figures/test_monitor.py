from dataclasses import asdict

import numpy as np
import pytest

from fercli.errors import DataError
from fercli.figures.monitor import timeline_figure
from fercli.figures.shorten import shorten_names
from fercli.monitor.monitor import Monitor
from fercli.monitor.settings import NOTICE, Settings

CLASSES = ("neutral", "sadness", "fear", "anger")


def table(labels, scores=None, gap_at=None):
    """Columns of the windows of a stream at 8 frames a second, with 10 s without frames before one of them."""
    monitor = Monitor(CLASSES, Settings(severity_alert_min="moderate"), 8)
    rows = []
    for i, p in enumerate(np.eye(4)[labels]):
        later = 10 if gap_at is not None and i >= gap_at else 0
        rows.append(monitor.update(p, None if scores is None else scores[i], i / 8 + later))
    rows = [asdict(row) for row in rows if row is not None]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def spans(collection):
    return [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in collection.get_paths()]


def test_each_emotion_has_a_lane_with_its_times():
    columns = table(np.repeat([0, 1], 60))
    emotions = timeline_figure(columns, CLASSES, Settings(threshold=0.69)).axes[0]
    assert [label.get_text() for label in emotions.get_yticklabels()] == list(CLASSES)
    neutral, sadness, fear, anger = (spans(lane) for lane in emotions.collections)
    change = columns["time"][list(columns["emotion"]).index("sadness")]
    assert neutral == [(pytest.approx(columns["time"][0]), pytest.approx(change))]
    assert sadness == [(pytest.approx(change), pytest.approx(columns["time"][-1] + 1 / 8))]
    assert fear == anger == []


def test_alerts_are_bands_over_the_time_that_they_stand():
    columns = table(np.repeat([0, 1], 60))
    emotions, entropy, alerts = timeline_figure(columns, CLASSES, Settings(threshold=0.69)).axes
    start, end = columns["time"][columns["depression_alert"]][[0, -1]]
    bipolar, depression, severity = (spans(lane) for lane in alerts.collections)
    assert depression == [(pytest.approx(start), pytest.approx(end + 1 / 8))]
    assert bipolar == severity == []
    for panel in (emotions, entropy):
        assert [patch.get_x() for patch in panel.patches] == [pytest.approx(start)]


def test_entropy_stands_beside_its_threshold():
    columns = table(np.arange(90) % 4)
    line, threshold = timeline_figure(columns, CLASSES, Settings(threshold=0.5)).axes[1].lines
    np.testing.assert_array_equal(line.get_ydata(), columns["entropy"])
    assert set(threshold.get_ydata()) == {0.5}


def test_scores_have_a_panel_where_there_are_any():
    assert len(timeline_figure(table(np.zeros(60, dtype=int)), CLASSES, Settings(threshold=0.69)).axes) == 3
    columns = table(np.zeros(60, dtype=int), scores=np.linspace(10, 50, 60))
    panel = timeline_figure(columns, CLASSES, Settings(threshold=0.69)).axes[3]
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), columns["score"])
    assert panel.get_ylim()[1] > columns["score"].max()
    assert "moderate" in [text.get_text() for text in panel.texts]


def test_no_line_is_drawn_over_a_gap():
    columns = table(np.zeros(120, dtype=int), gap_at=60)
    emotions, entropy, _ = timeline_figure(columns, CLASSES, Settings(threshold=0.69)).axes
    assert len(spans(emotions.collections[0])) == 2
    first, second, _ = entropy.lines
    assert second.get_xdata()[0] - first.get_xdata()[-1] > 10


def test_it_says_that_it_is_no_diagnosis():
    figure = timeline_figure(table(np.zeros(60, dtype=int)), CLASSES, Settings(threshold=0.69))
    shorten_names(figure)
    assert figure._supxlabel.get_text().replace("\n", " ") == NOTICE


def test_a_video_without_a_window_has_no_time_line():
    columns = {name: column[:0] for name, column in table(np.zeros(60, dtype=int)).items()}
    with pytest.raises(DataError, match="the video is shorter"):
        timeline_figure(columns, CLASSES, Settings(threshold=0.69))
