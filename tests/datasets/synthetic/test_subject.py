import numpy as np

from fercli.datasets.synthetic.subject import FACE_STREAM, SUBJECT_STREAM, generator, make_subject


def test_a_subject_is_decided_by_seed_and_number():
    one, again = make_subject(3, 7), make_subject(3, 7)
    np.testing.assert_array_equal(one.skin, again.skin)
    assert one.age == again.age
    assert one.age != make_subject(3, 8).age != make_subject(4, 8).age


def test_streams_are_independent():
    draws = [generator(0, stream, index).random(4) for stream in (SUBJECT_STREAM, FACE_STREAM) for index in (0, 1)]
    assert len({draw.tobytes() for draw in draws}) == 4


def test_people_differ():
    people = [make_subject(0, index) for index in range(200)]
    assert {person.hair_style for person in people} == {"short", "fringe", "long", "curly", "receding"}
    assert 4 <= min(person.age for person in people) < 16
    assert max(person.age for person in people) > 65
    assert all(0 <= person.skin.min() <= person.skin.max() <= 255 for person in people)
    assert all(person.age > 17 for person in people if person.beard)


def test_hair_turns_gray_with_age():
    def saturation(people):
        return np.mean([np.ptp(person.hair) / person.hair.max() for person in people])

    people = [make_subject(1, index) for index in range(300)]
    assert saturation([p for p in people if p.age > 65]) < 0.5 * saturation([p for p in people if p.age < 40])
