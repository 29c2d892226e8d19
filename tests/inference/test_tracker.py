import numpy as np
import pytest

from benchmarks.people import Score, followed, imitated, scene, scored
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.tracker import Tracker
from fercli.preprocess.face import Face


@pytest.mark.parametrize(("num_people", "seed"), [(2, 3), (3, 1)])
def test_drawn_people_who_pass_and_come_back_keep_their_numbers(num_people, seed):
    """What these scenes measure, with room for other pixels of another library: at most one switch, IDF1 of 0.95."""
    rng = np.random.default_rng(0)
    drawn = scene(num_people, 50, seed)
    score = followed(drawn, lambda moment: imitated(moment, rng), Tracker(EdgesAndColors()))
    assert score.switches <= 1
    assert score.idf1 >= 0.95
    assert score.num_sightings > 40


class ByColor:
    """The gray level at the middle of a face is its appearance."""

    name, same, soon, different, margin = "color", 0.99, 0.95, 0.9, 0.005

    def describe(self, image, face):
        left, top, right, bottom = face.box
        angle = float(image[round((top + bottom) / 2), round((left + right) / 2)]) / 255 * np.pi / 2
        return np.array([np.cos(angle), np.sin(angle)])


def square(x, y=50.0, side=20.0):
    return Face((x - side / 2, y - side / 2, x + side / 2, y + side / 2))


def people_of(frames, rate=10.0, tracker=None):
    """Number of the person of each face of frames of (gray level, x) pairs."""
    tracker = tracker or Tracker(ByColor())
    tracks = []
    for number, people in enumerate(frames):
        image = np.zeros((100, 400), np.uint8)
        for level, x in people:
            image[:, max(0, round(x) - 9) : round(x) + 10] = level
        tracks.append(tracker.step(image, [square(x) for _, x in people], number / rate))
    tracker.finish()
    return [[track.person for track in some] for some in tracks]


def test_two_people_who_cross_keep_their_numbers():
    """While the near person covers the other, one face is seen."""
    frames = [[(40, 40 + 8 * i), (200, 280 - 8 * i)] for i in range(30)]
    frames = [[far, near] if abs(far[1] - near[1]) > 20 else [near] for far, near in frames]
    assert [len(people) for people in frames].count(1) == 3
    assert people_of(frames) == [[1, 2][-len(people) :] for people in frames]


@pytest.mark.parametrize(("level", "expected"), [(40, 1), (200, 2)])
def test_who_comes_back_elsewhere_is_known_again_only_by_appearance(level, expected):
    tracker = Tracker(ByColor())
    frames = [[(40, 50)]] * 5 + [[]] * 60 + [[(level, 300)]] * 5
    assert people_of(frames, tracker=tracker)[-1] == [expected]
    assert tracker.num_known_again == (expected == 1)


def test_two_who_look_the_same_are_not_taken_for_each_other():
    """Both have left; who comes back may be either, so a new person is counted."""
    frames = [[(40, 50), (41, 300)]] * 5 + [[]] * 60 + [[(40, 180)]] * 5
    assert people_of(frames)[-1] == [3]


def test_nobody_is_at_two_places_at_once():
    frames = [[(40, 50)], [(40, 300)]] * 8
    assert people_of(frames) == [[1], [2]] * 8


def test_a_face_that_flickers_up_is_nobody():
    found = people_of([[(40, 50)], [(40, 50), (200, 300)], *[[(40, 50)]] * 6])
    assert found[1] == [1, None]


def test_another_face_at_the_same_place_is_another_person():
    assert people_of([[(40, 50)]] * 5 + [[(200, 50)]] * 5) == [[1]] * 5 + [[2]] * 5


def test_switches_and_idf1_against_a_count_by_hand():
    """Person a is 1, 1, 2 and b is 2, 2: one switch; the best naming has 4 of 5 sightings right."""
    pairs = [("a", 1), ("b", 2), ("a", 1), ("b", 2), ("a", 2), (None, None)]
    assert scored(pairs) == Score(1, 2 * 4 / (5 + 5), 2, 2, 5)
