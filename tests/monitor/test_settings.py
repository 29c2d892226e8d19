import pytest

from fercli.errors import ConfigError, DataError
from fercli.monitor.settings import Counts, Settings
from fercli.scales import Scale


@pytest.mark.parametrize(
    ("rate", "counts"),
    [
        (32, Counts(clip=16, window=64, persistence=32)),
        (30, Counts(clip=15, window=60, persistence=30)),
        (25, Counts(clip=13, window=50, persistence=25)),
        (29.97, Counts(clip=15, window=60, persistence=30)),
        (5, Counts(clip=3, window=10, persistence=5)),
    ],
)
def test_a_span_is_the_same_time_at_any_frame_rate(rate, counts):
    assert Settings().counts(rate) == counts


def test_the_counts_of_the_source_are_the_default():
    assert Settings().counts(32) == Counts()


def test_no_persistence_is_one_window():
    assert Settings(persistence_seconds=0, clip_seconds=0).counts(32) == Counts(clip=1, window=64, persistence=1)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_video_without_a_frame_rate_is_refused(rate):
    with pytest.raises(DataError, match="frame rate above 0"):
        Settings().counts(rate)


def test_a_window_of_one_prediction_is_refused():
    with pytest.raises(ConfigError, match=r"0\.5 frames a second give one prediction"):
        Settings().counts(0.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"votes": "sotf"}, "did you mean 'soft'"),
        ({"severity_alert_min": "light"}, "none or minimal, mild, moderate, severe"),
        ({"severity_alert_min": "moderately severe"}, "in the BDI-II; choices: none or minimal"),
        ({"severity_alert_min": "mild", "scale": Scale("own", 9)}, "choices: none, the scale has no bands"),
        ({"negative_share": 50}, "from 0 to 1"),
        ({"threshold": -0.1}, "threshold to be a number of 0 or more"),
        ({"window_seconds": float("nan")}, "window_seconds"),
    ],
)
def test_an_option_outside_of_its_range_is_refused(options, words):
    with pytest.raises(ConfigError, match=words):
        Settings(**options)
