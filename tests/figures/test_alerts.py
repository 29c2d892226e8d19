import numpy as np
import pytest

from fercli.figures.alerts import alert_share_figure, alert_shares
from fercli.monitor.settings import Settings

CLASSES = ("neutral", "sadness", "fear", "anger")
RATE = 8.0  # frames a second: 4 of a clip, 16 clips of a window, 8 windows until an alert


def evaluated(seen_as, num_frames=40, num_videos=2):
    """Columns and times of frames of every class in turn, seen as the classes that are given for it."""
    expression = np.repeat(np.arange(4), num_videos * num_frames)
    said = np.concatenate(
        [np.resize(seen_as.get(name, [i]), num_videos * num_frames) for i, name in enumerate(CLASSES)]
    )
    video = np.array([f"{i // num_frames:03d}" for i in range(len(expression))], dtype=object)
    columns = {"expression": expression, "probabilities": np.eye(4)[said], "video": video}
    return columns, np.tile(np.arange(num_frames) / RATE, 4 * num_videos)


def test_emotions_that_are_recognized_give_the_alert_of_a_low_mood_alone():
    shares = alert_shares(*evaluated({}), CLASSES, Settings())
    windows = 80 - 4 - 16 + 2
    lasting = (windows - 8 + 1) / windows  # the first seven windows are no alert yet
    assert shares == {
        "neutral": (windows, 0, 0),
        **{name: (windows, 0, pytest.approx(lasting)) for name in ("sadness", "fear", "anger")},
    }


def test_an_emotion_that_is_seen_as_several_gives_the_bipolar_alert():
    shares = alert_shares(*evaluated({"neutral": [0] * 6 + [3] * 6 + [1] * 6}), CLASSES, Settings())
    assert shares["neutral"][1] > 0.5
    assert shares["sadness"][1] == 0


def test_rows_come_in_any_order():
    columns, time = evaluated({"fear": [0, 2, 3]})
    mixed = np.random.default_rng(0).permutation(len(time))
    shuffled = {name: column[mixed] for name, column in columns.items()}
    assert alert_shares(shuffled, time[mixed], CLASSES, Settings()) == alert_shares(columns, time, CLASSES, Settings())


def test_too_few_frames_give_no_share():
    columns, time = evaluated({}, num_frames=4)
    assert all(
        number == 0 and np.isnan(bipolar)
        for number, bipolar, _ in alert_shares(columns, time, CLASSES, Settings()).values()
    )
    assert alert_shares(columns, np.zeros(len(time)), CLASSES, Settings()) == {}


def test_the_figure_has_two_bars_for_each_emotion():
    (axes,) = alert_share_figure({"neutral": (62, 0.25, 0.0), "fear": (7, 0.0, 0.9)}).axes
    assert [[bar.get_height() for bar in bars] for bars in axes.containers] == [[0.25, 0.0], [0.0, 0.9]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["neutral\n62", "fear\n7"]
