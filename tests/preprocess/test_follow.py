import cv2
import numpy as np
import pytest

from fercli.datasets.synthetic.faces import faces as drawn_faces
from fercli.errors import ConfigError
from fercli.preprocess.detect import MTCNN
from fercli.preprocess.face import Absent, Face, WholeImage, overlap
from fercli.preprocess.follow import faces
from fercli.preprocess.pictures import Picture
from fercli.records import Record, Reject

ABSENT = Absent("no face found")


class Seen:
    """A detector that knows where the face of each frame is; the gray value of an image is the number of its frame.

    Args:
        truth: face of each frame, None without a face.
        lost: frames in which the check fails.
    """

    def __init__(self, truth, every, batch_size=16, lost=()):
        self.truth, self.every, self.batch_size, self.lost = truth, every, batch_size, lost
        self.looked, self.checked = [], {}

    def find(self, images, records):
        assert 0 < len(images) <= self.batch_size
        numbers = [int(image[0, 0]) for image in images]
        assert numbers == [record.frame for record in records]
        self.looked += numbers
        return [self.truth[number] or ABSENT for number in numbers]

    def check(self, image, box):
        number = int(image[0, 0])
        self.checked[number] = box
        return None if number in self.lost else self.truth[number]


def moving(num_frames, step=2.0):
    return [Face((step * i, 10, step * i + 40, 50), confidence=0.9 + i / 1000) for i in range(num_frames)]


def frames(num_frames, video="a.mp4", lost=()):
    for i in range(num_frames):
        record = Record(f"{video}/{i}", "train", video, frame=i, time=i / 10)
        damaged = Reject(record.id, "train", "", "frame cannot be decoded", "")
        yield record, damaged if i in lost else Picture(np.full((8, 8), i, np.uint8), time=i / 10)


@pytest.mark.parametrize("batch_size", [1, 4, 16])
@pytest.mark.parametrize("every", [2, 3, 5])
@pytest.mark.parametrize("num_frames", [1, 2, 11, 30])
def test_every_nth_and_the_last_frame_are_looked_at_and_the_others_are_checked(num_frames, every, batch_size):
    detector = Seen(moving(num_frames), every, batch_size)
    found = list(faces(detector, frames(num_frames)))
    assert [record.frame for record, _, _ in found] == list(range(num_frames))
    assert [face for _, _, face in found] == detector.truth
    assert sorted(detector.looked) == sorted({*range(0, num_frames, every), num_frames - 1})
    assert sorted(detector.checked) == sorted(set(range(num_frames)) - set(detector.looked))
    for number, box in detector.checked.items():
        np.testing.assert_allclose(box, detector.truth[number].box)  # it moves evenly


def test_a_frame_whose_check_fails_is_looked_at():
    detector = Seen(moving(11), 5, lost=(3, 7))
    assert [face for _, _, face in faces(detector, frames(11))] == detector.truth
    assert sorted(detector.looked) == [0, 3, 5, 7, 10]


def test_a_check_that_finds_another_place_fails():
    detector = Seen(moving(6), 5)
    detector.truth[2] = Face((100, 100, 140, 140))
    assert [face for _, _, face in faces(detector, frames(6))] == detector.truth
    assert sorted(detector.looked) == [0, 2, 5]


@pytest.mark.parametrize("other", [None, Face((200, 10, 240, 50))])
@pytest.mark.parametrize("change", [1, 4, 8])
def test_between_two_frames_with_different_people_the_change_is_looked_for(other, change):
    detector = Seen([*moving(change), *[other] * (9 - change)], 8)
    found = [face for _, _, face in faces(detector, frames(9))]
    assert found == [*moving(change), *[other or ABSENT] * (9 - change)]
    assert {0, change - 1, change, 8} <= set(detector.looked)
    if other is not None:
        assert len(detector.looked) <= 2 + 3  # ends, and three halvings
        assert set(detector.looked) | set(detector.checked) == set(range(9))


def test_without_a_face_every_frame_is_looked_at():
    detector = Seen([None] * 12, 5)
    assert [face for _, _, face in faces(detector, frames(12))] == [ABSENT] * 12
    assert (sorted(detector.looked), detector.checked) == (list(range(12)), {})


def test_frames_that_cannot_be_decoded_stay_in_their_place():
    detector = Seen(moving(9), 3, batch_size=3)
    found = list(faces(detector, frames(9, lost=(0, 4, 5, 6, 7, 8))))
    assert [isinstance(item, Reject) for _, item, _ in found] == [i in (0, 4, 5, 6, 7, 8) for i in range(9)]
    assert [face for _, item, face in found if isinstance(item, Picture)] == moving(9)[1:4]


def test_what_is_found_in_a_video_does_not_depend_on_what_is_before_it():
    def stills():
        for i in range(7):
            yield Record(f"still/{i}", "train", f"{i}.png", frame=None), Picture(np.full((8, 8), i, np.uint8))

    class Still(Seen):
        def find(self, images, records):
            self.calls = [*getattr(self, "calls", []), [record.id for record in records]]
            return [ABSENT] * len(records) if records[0].frame is None else super().find(images, records)

    alone, after = Seen(moving(8), 3), Still(moving(8), 3)
    expected = list(faces(alone, frames(8, "b.mp4")))
    mixed = list(faces(after, [*stills(), *frames(8, "a.mp4"), *frames(8, "b.mp4")]))
    assert [face for _, _, face in mixed[15:]] == [face for _, _, face in expected]
    assert after.calls[0] == [f"still/{i}" for i in range(7)]
    assert after.looked == 2 * alone.looked


def test_other_detectors_see_every_frame():
    found = list(faces(WholeImage(), frames(5)))
    assert [face.box for _, _, face in found] == [(-0.5, -0.5, 7.5, 7.5)] * 5


def test_mtcnn_follows_a_moving_face_to_where_it_finds_it_in_every_frame(monkeypatch):
    """A drawn face moves over noise and grows."""
    drawn, random = next(iter(drawn_faces(1, seed=4, size=128))).image, np.random.default_rng(0)
    film = []
    for i in range(9):
        image, side = random.integers(90, 160, (240, 320, 3), dtype=np.uint8), 110 + 3 * i
        image[40 : 40 + side, 5 * i : 5 * i + side] = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
        film.append((Record(str(i), "train", "a.mp4", frame=i), Picture(image, time=i / 25)))
    detector, num_looked = MTCNN(every=4), []
    detect = detector.detect
    monkeypatch.setattr(detector, "detect", lambda images: num_looked.append(len(images)) or detect(images))
    found = [face for _, _, face in faces(detector, film)]
    assert sum(num_looked) == 3
    expected = detect([picture.pixels for _, picture in film])
    for face, (truth,) in zip(found, expected, strict=True):
        assert overlap(face.box, truth.box) > 0.8
        assert np.linalg.norm(face.points - truth.points, axis=1).mean() < 0.05 * (truth.box[2] - truth.box[0])
    assert found[4].box == expected[4][0].box


@pytest.mark.parametrize("long_side", [0, 200])
def test_a_check_at_the_place_of_a_face_finds_it_and_none_elsewhere(long_side):
    image = np.full((300, 420, 3), 120, np.uint8)
    image[:, :300] = cv2.resize(next(iter(drawn_faces(1, seed=4, size=128))).image, (300, 300))
    detector = MTCNN(long_side=long_side)
    ((truth,),) = detector.detect([image])
    face = detector.check(image, truth.box)
    assert overlap(face.box, truth.box) > 0.8
    assert np.linalg.norm(face.points - truth.points, axis=1).max() < 0.05 * (truth.box[2] - truth.box[0])
    assert detector.check(image, (340, 100, 400, 160)) is None
    detector.min_confidence = np.nextafter(face.confidence, 2)
    assert detector.check(image, truth.box) is None


def test_wrong_numbers_of_frames_are_explained():
    with pytest.raises(ConfigError, match=r"detector\.every as a whole number, at least 1; found 0"):
        MTCNN(every=0)
