import threading

import cv2
import numpy as np

from fercli.inference.camera import Camera
from fercli.inference.frames import Still
from fercli.inference.stream import FacePrediction
from fercli.inference.viewers import Lines, why_no_window
from fercli.preprocess.face import Face


class Imitated:
    """A camera of so many frames; after each but the first it waits until the frame before was taken or `hurry`."""

    def __init__(self, num_frames, hurry=False):
        self.num_frames, self.hurry, self.number, self.released = num_frames, hurry, 0, False
        self.taken = threading.Semaphore(1)

    def read(self):
        if self.number == self.num_frames:
            return False, None
        if not self.hurry:
            assert self.taken.acquire(timeout=5)
        self.number += 1
        return True, np.full((8, 8, 3), (self.number, 0, 200), np.uint8)

    def get(self, key):
        return 12.5 if key == cv2.CAP_PROP_FPS else 0.0

    def release(self):
        self.released = True


def test_every_frame_is_given_in_rgb_where_there_is_time():
    capture = Imitated(4)
    camera = Camera(capture, 3)
    stills = []
    for still in camera.stills():
        stills.append(still)
        capture.taken.release()
    assert [(still.frame, still.image[0, 0].tolist()) for still in stills] == [(i, [200, 0, i + 1]) for i in range(4)]
    assert (camera.name, camera.rate, camera.num_dropped, capture.released) == ("camera 3", 12.5, 0, True)


def test_the_newest_frame_wins_and_the_others_are_counted():
    """Nobody takes a frame until the camera has shown all."""
    capture = Imitated(50, hurry=True)
    camera = Camera(capture)
    camera._read()
    (last,) = list(camera.stills())
    assert (last.frame, last.image[0, 0, 2]) == (0, 50)
    assert (camera.num_given, camera.num_dropped) == (1, 49)


def test_a_camera_that_is_stopped_gives_nothing_more():
    capture = Imitated(10)
    camera = Camera(capture)
    for number, _ in enumerate(camera.stills()):
        capture.taken.release()
        if number == 2:
            camera.stop()
    assert number == 2
    assert capture.released


def test_without_a_display_a_line_each_second_says_who_is_seen_how_fast_and_what_was_dropped(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert why_no_window() == "there is no display"
    camera, lines = Camera(Imitated(1), clock=lambda: 2.0), []
    camera._start, camera.num_given, camera.num_dropped = 0.0, 20, 7
    viewer = Lines(camera, lines.append)
    for i in range(21):
        said = {"predicted_score": 12.0}
        still = Still(np.zeros((8, 8, 3), np.uint8), i, i / 10)
        viewer.show(still.image, [FacePrediction(still, 0, Face((0.0, 0.0, 5.0, 5.0)), (said,), 1)], ["Ann"])
    assert len(lines) == 3
    assert lines[1] == "    1.0 s  Ann: score 12.0  (10.0 frames a second, 7 dropped)"
