import numpy as np
import pytest
from scipy.stats import poisson

from fercli.monitor.monitor import Monitor
from fercli.monitor.settings import Settings
from fercli.screening.alerts import Event, Line, alert_document, outcomes, rate_interval, seconds_without_events

# Ten windows a second for 100 s, and none from 40 to 60 s.
TIME = np.concatenate([np.arange(0, 40, 0.1), np.arange(60, 100, 0.1)]).round(1)
ON = ((TIME >= 10) & (TIME < 20)) | ((TIME >= 38) & (TIME < 62)) | ((TIME >= 90) & (TIME < 91))
LINE = Line("a.mp4", "person 1", TIME, {"bipolar": ON})


def event(start, end, alert="bipolar"):
    return Event("a.mp4", "person 1", alert, start, end)


def test_a_gap_ends_a_stretch():
    np.testing.assert_allclose(LINE.spans(ON), [(10, 20), (38, 40), (60, 62), (90, 91)])
    np.testing.assert_allclose(LINE.spans(np.ones(len(TIME), dtype=bool)), [(0, 40), (60, 100)])


def test_delays_missed_events_and_false_alarms():
    found = outcomes(LINE, "bipolar", [event(7.5, 30), event(61, 70), event(80, 85), event(45, 55)])
    assert [one.delay for one in found[:4]] == pytest.approx([2.5, 0, None, None])
    assert [one.watched for one in found[:4]] == [True, True, True, False]
    assert [(one.start, one.end) for one in found[4:]] == [pytest.approx(span) for span in ((38, 40), (90, 91))]


def test_time_for_false_alarms_is_watched_and_outside_of_events():
    events = [event(30, 50), event(35, 65), event(99, 200)]  # 30 to 65 and 99 to 100 are covered
    by_loop = sum(0.1 for t in TIME if not any(one.start <= t + 0.05 <= one.end for one in events))
    assert seconds_without_events(LINE, events) == pytest.approx(by_loop, rel=1e-6)
    assert seconds_without_events(LINE, []) == pytest.approx(80)


def test_the_interval_of_a_rate_is_exact():
    low, high = rate_interval(3, 2.0)
    assert poisson.sf(2, 2 * low) == pytest.approx(0.025, rel=1e-9)  # 3 or more at the lower end
    assert poisson.cdf(3, 2 * high) == pytest.approx(0.025, rel=1e-9)
    assert rate_interval(0, 1.0)[0] == 0


def test_the_monitor_on_a_stream_with_known_moods():
    """Ten minutes: moods change from 120 to 160 s; an unlabelled doubt of 5 s raises one false alarm."""
    monitor = Monitor(["neutral", "happiness", "sadness", "fear", "anger"], Settings(), 10)
    times, states = [], []
    for frame in range(6000):
        second = frame / 10
        changing = 120 <= second < 160 or 400 <= second < 405
        index = (frame // 10) % 5 if changing else 1
        window = monitor.update(np.where(np.arange(5) == index, 0.8, 0.05), None, second)
        if window is not None:
            times.append(second)
            states.append(window.bipolar_alert)
    line = Line("a.mp4", "person 1", np.array(times), {"bipolar": np.array(states)})
    document, _ = alert_document([line], [event(120, 160)])
    found = document["bipolar"]
    assert (found["num_events"], found["num_missed"], found["num_false_alarms"]) == (1, 0, 1)
    assert 1 <= found["delay_median"] <= 3.5  # half a window until it is mixed, and the persistence
    assert found["false_alarms_an_hour"]["value"] == pytest.approx(1 / found["hours_without_events"])
    assert found["hours_without_events"] == pytest.approx((600 - 40 - times[0]) / 3600, rel=1e-3)


def test_without_events_nothing_is_missed():
    document, found = alert_document([LINE], [])
    assert document["bipolar"]["missed"]["value"] is None
    assert len(found) == document["bipolar"]["num_false_alarms"] == 4
