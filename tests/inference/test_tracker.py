import numpy as np
import pytest

from benchmarks.people import Score, followed, imitated, scene, scored
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.pieces import Pieces
from fercli.inference.tracker import Tracker
from fercli.preprocess.face import Face


@pytest.mark.parametrize(("num_people", "seed"), [(2, 3), (3, 1)])
def test_drawn_people_who_pass_and_come_back_keep_their_numbers(num_people, seed):
    """What these scenes measure, with room for other pixels of another library: at most one switch, IDF1 of 0.95."""
    rng = np.random.default_rng(0)
    drawn = scene(num_people, 50, seed)
    for score in followed(drawn, lambda moment: imitated(moment, rng), Tracker(EdgesAndColors())).values():
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


def people_of(frames, way="stream", rate=10.0, tracker=None):
    """Number of the person of each face of frames of (gray level, x) pairs, read as a stream or as a file."""
    tracker = tracker or Tracker(ByColor())
    pieces, parts, tracks = Pieces(tracker.appearance), [], []
    for number, people in enumerate(frames):
        image = np.zeros((100, 400), np.uint8)
        for level, x in people:
            image[:, max(0, round(x) - 9) : round(x) + 10] = level
        tracks.append(tracker.step(image, [square(x) for _, x in people], number / rate))
        parts.append(pieces.step(tracker, [20] * len(people), [track.number for track in tracks[-1]], number / rate))
    tracker.finish()
    pieces.join()
    if way == "stream":
        return [[track.person for track in some] for some in tracks]
    tracker.num_known_again = pieces.num_known_again
    return [[pieces.pieces[part].visit.person for part in some] for some in parts]


both_ways = pytest.mark.parametrize("way", ["stream", "file"])


@both_ways
def test_two_people_who_cross_keep_their_numbers(way):
    """While the near person covers the other, one face is seen."""
    frames = [[(40, 40 + 8 * i), (200, 280 - 8 * i)] for i in range(30)]
    frames = [[far, near] if abs(far[1] - near[1]) > 20 else [near] for far, near in frames]
    assert [len(people) for people in frames].count(1) == 3
    assert people_of(frames, way) == [[1, 2][-len(people) :] for people in frames]


@both_ways
@pytest.mark.parametrize(("level", "expected"), [(40, 1), (200, 2)])
def test_who_comes_back_elsewhere_is_known_again_only_by_appearance(level, expected, way):
    tracker = Tracker(ByColor())
    frames = [[(40, 50)]] * 5 + [[]] * 60 + [[(level, 300)]] * 5
    assert people_of(frames, way, tracker=tracker)[-1] == [expected]
    assert tracker.num_known_again == (expected == 1)


@both_ways
def test_two_who_look_the_same_are_not_taken_for_each_other(way):
    """Both have left; who comes back may be either, so a new person is counted."""
    frames = [[(40, 50), (41, 300)]] * 5 + [[]] * 60 + [[(40, 180)]] * 5
    assert people_of(frames, way)[-1] == [3]


@both_ways
def test_nobody_is_at_two_places_at_once(way):
    frames = [[(40, 50)], [(40, 300)]] * 8
    assert people_of(frames, way) == [[1], [2]] * 8


@both_ways
def test_a_face_that_flickers_up_is_nobody(way):
    found = people_of([[(40, 50)], [(40, 50), (200, 300)], *[[(40, 50)]] * 6], way)
    assert found[1] == [1, None]


@both_ways
def test_another_face_at_the_same_place_is_another_person(way):
    assert people_of([[(40, 50)]] * 5 + [[(200, 50)]] * 5, way) == [[1]] * 5 + [[2]] * 5


def test_who_changes_slowly_is_known_again_by_a_whole_visit_but_not_by_its_first_moments():
    """The second visit begins in another light (level 70) and ends as the first began."""
    frames = [[(40, 50)]] * 5 + [[]] * 60 + [[(70 - 3 * i, 300)] for i in range(11)]
    assert people_of(frames, "stream")[-1] == [2]
    assert people_of(frames, "file")[-1] == [1]


def test_who_takes_over_the_track_of_another_one_behind_somebody_is_told_apart_in_a_file():
    """The first one and the second one, who is like him, are seen; only he goes behind the third, and she comes out."""
    near = (230, 200)
    together = [[(40, 20 + 8 * i), (105, 350), near] for i in range(6)]
    alone = [[(40, 68 + 8 * i), near] for i in range(15)]
    out = [[(105, 212 + 8 * i), near] for i in range(12)]
    frames = together + alone + [[near]] * 3 + out
    numbers = {way: people_of(frames, way) for way in ("stream", "file")}
    first, second = numbers["file"][0][:2]
    assert numbers["stream"][-1][0] == numbers["stream"][0][0]
    assert numbers["file"][-1][0] == second != first


def test_switches_and_idf1_against_a_count_by_hand():
    """Person a is 1, 1, 2 and b is 2, 2: one switch; the best naming has 4 of 5 sightings right."""
    pairs = [("a", 1), ("b", 2), ("a", 1), ("b", 2), ("a", 2), (None, None)]
    assert scored(pairs) == Score(1, 2 * 4 / (5 + 5), 2, 2, 5, 0)
    assert scored([*pairs, ("a", 2), ("a", 2), ("b", 2)]).joined == 1
