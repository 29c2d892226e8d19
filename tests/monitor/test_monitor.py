import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fercli.errors import ConfigError, DataError
from fercli.monitor.monitor import Monitor
from fercli.monitor.patterns import entropy, lasting, sliding_shares
from fercli.monitor.settings import Settings
from fercli.monitor.streams import noisy

CLASSES = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
ONE_FRAME_CLIPS = {"clip_seconds": 0, "persistence_seconds": 0}


def watch(labels, rate=32, scores=None, **options):
    """The windows of a stream of emotions, each seen with certainty."""
    monitor = Monitor(CLASSES, Settings(**options), rate)
    scores = [None] * len(labels) if scores is None else scores
    frames = zip(np.eye(7)[labels], scores, strict=True)
    return [monitor.update(p, score, i / rate) for i, (p, score) in enumerate(frames, start=1)]


def votes(**num_votes):
    """Class index of every vote, by name."""
    return np.repeat([CLASSES.index(name) for name in num_votes], list(num_votes.values()))


@pytest.mark.parametrize(
    ("labels", "alert"),
    [
        (votes(sadness=64), "depression"),
        (votes(happiness=64), None),
        (votes(happiness=32, sadness=32), "bipolar"),
        (votes(sadness=48, neutral=16), "depression"),
        (votes(neutral=60, sadness=4), None),
        (votes(happiness=40, sadness=24), None),
        (votes(happiness=22, sadness=21, anger=21), "bipolar"),
        (votes(anger=9, disgust=9, fear=9, happiness=9, neutral=9, sadness=9, surprise=10), "bipolar"),
    ],
)
def test_alerts_of_one_window(labels, alert):
    window = watch(np.random.default_rng(0).permutation(labels), **ONE_FRAME_CLIPS)[-1]
    assert (window.bipolar_alert, window.depression_alert) == (alert == "bipolar", alert == "depression")
    shares = np.bincount(labels, minlength=7) / 64
    assert window.entropy == pytest.approx(float(entropy(shares)))
    assert window.normalized_entropy == pytest.approx(window.entropy / math.log(7))
    assert window.negative_share == pytest.approx(shares[[0, 2, 5]].sum())


def test_the_first_window_is_complete_at_frame_seventy_nine():
    windows = watch(votes(happiness=80))
    assert [window is None for window in windows] == [True] * 78 + [False] * 2
    assert windows[78].time == pytest.approx(2.469, abs=1e-3)
    assert windows[78].entropy == 0


def test_an_alert_needs_a_second_of_the_same_pattern():
    alerts = [window is not None and window.depression_alert for window in watch(votes(sadness=120))]
    assert alerts == [False] * 109 + [True] * 11  # 78 frames without a window, 31 windows, then the alert


def test_a_pattern_that_is_interrupted_starts_anew():
    labels = np.concatenate([votes(sadness=70), votes(happiness=40), votes(sadness=70)])
    windows = watch(labels, clip_seconds=0, persistence_seconds=0.5)
    low = np.array([w is not None and w.entropy < 0.69 and w.negative_share > 0.5 for w in windows])
    assert low[:-1].any()
    assert (~low[70:]).any()  # else nothing was interrupted
    assert [w is not None and w.depression_alert for w in windows] == lasting(low, 16).tolist()


@settings(max_examples=40)
@given(accuracy=st.floats(0.3, 1), clip=st.integers(1, 4), persistence=st.integers(1, 9), seed=st.integers(0, 99))
def test_windows_are_those_of_the_whole_stream_at_once(accuracy, clip, persistence, seed):
    labels = noisy(np.repeat([5, 3, 5], 40), accuracy, 7, seed)
    options = {"clip_seconds": clip / 8, "persistence_seconds": persistence / 8}
    windows = [w for w in watch(labels, rate=8, **options) if w is not None]
    shares = sliding_shares(sliding_shares(labels, 7, clip).argmax(1), 7, 16)
    unstable, negative = entropy(shares) >= 0.69, shares[:, [0, 2, 5]].sum(1) > 0.5
    np.testing.assert_allclose([w.entropy for w in windows], entropy(shares), atol=1e-12)
    assert [w.bipolar_alert for w in windows] == lasting(unstable, persistence).tolist()
    assert [w.depression_alert for w in windows] == lasting(~unstable & negative, persistence).tolist()
    assert not any(w.bipolar_alert and w.depression_alert for w in windows)


def test_soft_votes_see_doubt_that_hard_votes_do_not():
    monitors = [Monitor(CLASSES, Settings(votes=kind, **ONE_FRAME_CLIPS), 32) for kind in ("hard", "soft")]
    doubtful = np.array([0.0, 0, 0, 0, 0.6, 0.4, 0])
    for frame in range(64):
        hard, soft = (monitor.update(doubtful, None, frame / 32) for monitor in monitors)
    assert (hard.entropy, hard.negative_share) == (0, 0)
    assert soft.entropy == pytest.approx(-0.6 * math.log(0.6) - 0.4 * math.log(0.4))
    assert soft.negative_share == pytest.approx(0.4)
    assert hard.emotion == soft.emotion == "neutral"


def test_the_score_is_the_median_of_the_means_of_clips():
    scores = np.random.default_rng(0).uniform(0, 45, 100)
    window = watch(votes(neutral=100), scores=scores)[-1]
    clips = [scores[end - 16 : end].mean() for end in range(100 - 63, 101)]
    assert window.score == pytest.approx(np.median(clips))
    assert window.severity == "moderate"
    assert not window.severity_alert  # off unless it is asked for


@pytest.mark.parametrize(("score", "alert"), [(19.4, False), (19.5, True), (40, True)])
def test_severity_alone_is_an_alert_where_it_is_asked_for(score, alert):
    windows = watch(votes(neutral=110), scores=[score] * 110, severity_alert_min="moderate")
    assert windows[-1].severity_alert == alert
    assert not windows[-2].severity_alert


def test_without_scores_there_is_no_severity():
    window = watch(votes(neutral=79), severity_alert_min="mild")[-1]
    assert (window.score, window.severity, window.severity_alert) == (None, None, False)


def test_a_gap_in_the_frames_starts_afresh():
    monitor = Monitor(CLASSES, Settings(), 32)
    happy = np.eye(7)[3]
    assert [monitor.update(happy, None, i / 32) for i in range(79)][-1] is not None
    after = [monitor.update(happy, None, 10 + i / 32) for i in range(79)]
    assert [window is None for window in after] == [True] * 78 + [False]


@pytest.mark.parametrize("rate", [1.0, 1.9])
def test_frames_that_are_far_apart_by_themselves_are_no_gap(rate):
    monitor = Monitor(CLASSES, Settings(), rate)
    windows = [monitor.update(np.eye(7)[3], None, i / rate) for i in range(6)]
    assert windows[-1] is not None
    assert monitor.update(np.eye(7)[3], None, 5 / rate + 2 / rate) is None  # one frame is missing


def test_what_is_kept_does_not_grow_with_the_stream():
    monitor = Monitor(CLASSES, Settings(), 32)
    kept = []
    for i, label in enumerate(np.random.default_rng(0).integers(7, size=600)):
        monitor.update(np.eye(7)[label], 10.0, i / 32)
        kept.append((len(monitor.frames), len(monitor.clips), sys.getsizeof(monitor.frames)))
    assert kept[79] == kept[-1]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ((np.ones(6) / 6, None, 1.0), "expected 7 probabilities"),
        ((np.ones(7), None, 1.0), "add up to 1"),
        ((np.full(7, np.nan), None, 1.0), "add up to 1"),
        ((np.eye(7)[0], math.nan, 1.0), "a score that is a finite number"),
        ((np.eye(7)[0], None, 0.4), "in the order of time"),
        ((np.eye(7)[0], None, math.nan), "in the order of time"),
    ],
)
def test_a_frame_that_cannot_be_is_refused(frame, words):
    monitor = Monitor(CLASSES, Settings(), 32)
    monitor.update(np.eye(7)[0], None, 0.5)
    with pytest.raises(DataError, match=words):
        monitor.update(*frame)


def test_emotions_without_the_negative_ones_are_refused():
    with pytest.raises(ConfigError, match="expected sadness, fear, anger among the emotions, found happiness, neutral"):
        Monitor(("happiness", "neutral"), Settings(), 32)
    Monitor(("happiness", "neutral"), Settings(negative=("neutral",)), 32)


def test_a_span_is_as_long_where_the_rate_changes():
    """Half of the time sad and half of it happy, at 48 and 16 frames a second: as mixed as at 32 all the time."""
    times = np.concatenate([np.arange(96) / 48, 2 + np.arange(33) / 16])
    sad, happy = np.eye(7)[CLASSES.index("sadness")], np.eye(7)[CLASSES.index("happiness")]
    settings = Settings(clip_seconds=1 / 32, window_seconds=4.0)
    monitor = Monitor(CLASSES, settings, 32)
    windows = [monitor.update(sad if time < 2 else happy, None, time) for time in times]
    complete = [window for window in windows if window is not None]
    assert complete[0].time == pytest.approx(4 - 1 / 32, abs=1 / 16)
    assert complete[0].negative_share == pytest.approx(0.5, abs=0.02)
    assert complete[0].entropy == pytest.approx(np.log(2), abs=1e-3)


@pytest.mark.parametrize("rate", [12.5, 30.0, 240.0])
def test_jitter_of_a_clock_changes_no_window_much(rate):
    times = np.arange(int(4 * rate)) / rate
    jittered = np.sort(times + np.random.default_rng(0).uniform(-0.3, 0.3, len(times)) / rate)
    frames = np.eye(7)[np.random.default_rng(1).integers(0, 7, len(times))]

    def first(moments):
        monitor = Monitor(CLASSES, Settings(), rate)
        return next(w for w in (monitor.update(p, None, t) for p, t in zip(frames, moments, strict=True)) if w)

    assert first(jittered - jittered[0]).time == pytest.approx(first(times).time, abs=2 / rate)
