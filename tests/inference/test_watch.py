from types import SimpleNamespace

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.stream import FacePrediction
from fercli.inference.watch import Watch
from fercli.monitor.settings import Settings
from fercli.preprocess.face import Face

MODEL = SimpleNamespace(classifies=True, classes=("sadness", "fear", "anger", "happiness"))
SETTINGS = Settings(clip_seconds=0.2, window_seconds=0.5, persistence_seconds=0.2)  # of 10 frames a second
SAD, HAPPY = ({f"prob_{name}": float(name == shown) for name in MODEL.classes} for shown in ("sadness", "happiness"))


def watched(*seen, frames=30):
    """Two people at 10 frames a second; each is (name, outputs, frames in sight)."""
    watch = Watch(SETTINGS, [MODEL])
    for i in range(frames):
        for name, said, when in seen:
            if i in when:
                still = Still(np.zeros((4, 4, 3), np.uint8), i, i / 10)
                watch.update("a.mp4", name, FacePrediction(still, 0, Face((0.0, 0.0, 3.0, 3.0)), (said,), 1), 10.0)
    return watch


def test_everybody_has_alerts_of_their_own():
    watch = watched(("Ann", SAD, range(30)), ("Bob", HAPPY, range(30)))
    assert watch.people["a.mp4", "Ann"].alerts == {"depression_alert"}
    assert watch.people["a.mp4", "Bob"].alerts == set()
    assert watch.silence() == []


def test_who_was_seen_too_shortly_is_said_with_how_long_it_takes():
    """Seen for 0.5 s twice, with a gap that starts the monitor again: six frames are needed."""
    watch = watched(("Ann", SAD, [*range(5), *range(20, 25)]))
    (line,) = watch.silence()
    assert "a.mp4, Ann: no result of the monitor; it needs 0.60 s in sight without a gap of more than 0.5 s" in line
    assert line.endswith("the longest sighting is 0.50 s")


def test_faces_of_nobody_and_missing_faces_are_not_watched():
    watch = watched((None, SAD, range(30)))
    assert watch.people == {}
    watch.update("a.mp4", "Ann", FacePrediction(Still(np.zeros((4, 4), np.uint8)), 0, None, (SAD,)), 10.0)
    assert watch.people == {}
