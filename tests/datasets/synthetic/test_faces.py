from collections import Counter
from itertools import islice

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from fercli.datasets.synthetic.faces import WILD_COUNTS, class_sequence, faces
from fercli.datasets.synthetic.scene import SCENES
from fercli.errors import ConfigError
from fercli.taxonomy import EXPRESSIONS


@pytest.fixture(scope="module")
def drawn():
    return list(faces(64, seed=5, size=96))


def test_fields_are_what_they_say(drawn):
    for face in drawn:
        assert face.image.shape == (96, 96, 3)
        assert face.image.dtype == np.uint8
        assert face.image.std() > 20
        assert sum(face.votes) == 10
        assert len(face.votes) == 8
        assert -1 <= face.valence <= 1
        assert -1 <= face.arousal <= 1
        assert 4 <= face.age <= 85
        assert face.intensity is None if face.expression == "neutral" else 0.35 <= face.intensity <= 1
        assert face.landmarks.shape == (68, 2)
        assert face.scene in SCENES.values()


def test_the_box_holds_the_landmarks_and_about_half_of_the_frame(drawn):
    for face in drawn:
        left, top, right, bottom = face.box
        assert 0 < left < right < 95
        assert 0 < top < bottom < 95
        assert (face.landmarks >= (left, top)).all()
        assert (face.landmarks <= (right, bottom)).all()
        assert 0.38 < (bottom - top) / 96 < 0.75


def test_landmarks_lie_on_what_was_drawn():
    """Irises are darker than the skin between the eyes, and lips are redder than the chin."""
    darker, redder = [], []
    for face in faces(40, seed=2, classes=("neutral",)):
        eyes = [face.landmarks[part].mean(0) for part in (slice(36, 42), slice(42, 48))]
        lips = (face.landmarks[51] + face.landmarks[62]) / 2
        chin = 0.5 * (face.landmarks[8] + face.landmarks[57])
        eye, other, bridge, lip, chin = (_color(face.image, point) for point in (*eyes, face.landmarks[27], lips, chin))
        darker.append(max(eye.sum(), other.sum()) < bridge.sum())
        redder.append(lip[0] / lip[1:].sum() > chin[0] / chin[1:].sum())
    assert np.mean(darker) > 0.9
    assert np.mean(redder) > 0.9


def _color(image, point):
    x, y = np.round(point).astype(int)
    return image[y - 1 : y + 2, x - 1 : x + 2].astype(float).mean((0, 1))


def test_a_face_does_not_depend_on_the_number_drawn(drawn):
    few = list(faces(3, seed=5, size=96))
    for one, other in zip(few, drawn, strict=False):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.landmarks, other.landmarks)
        assert (one.votes, one.valence, one.subject) == (other.votes, other.valence, other.subject)


def test_another_seed_draws_others(drawn):
    other = next(faces(1, seed=6, size=96))
    assert np.abs(other.image.astype(int) - drawn[0].image).mean() > 10


def test_a_subject_looks_the_same_in_every_face():
    drawn = list(faces(30, seed=0, num_subjects=3, size=64))
    ages = {face.subject: face.age for face in drawn}
    assert len(ages) == 3
    assert all(face.age == ages[face.subject] for face in drawn)


def test_balanced_counts_are_equal():
    assert set(Counter(islice(class_sequence(EXPRESSIONS, "balanced"), 80)).values()) == {10}


@pytest.mark.parametrize("classes", [EXPRESSIONS, EXPRESSIONS[:7]])
def test_wild_counts_follow_the_training_images_of_rafdb(classes):
    counts = Counter(islice(class_sequence(classes, "wild"), 1200))
    total = sum(WILD_COUNTS[name] for name in classes)
    for name in classes:
        assert abs(counts[name] - 1200 * WILD_COUNTS[name] / total) <= 1


def test_wild_counts_of_the_seven_sum_to_the_training_images():
    assert sum(WILD_COUNTS[name] for name in EXPRESSIONS[:7]) == 12271


@pytest.mark.parametrize(("correlation", "low", "high"), [(1.0, 1.0, 1.0), (0.0, 0.0, 0.35)])
def test_context_correlation(correlation, low, high):
    drawn = faces(60, seed=1, size=32, context_correlation=correlation)
    assert low <= np.mean([face.scene == SCENES[face.expression] for face in drawn]) <= high


@pytest.mark.slow
def test_expressions_can_be_learned_from_pixels():
    """A linear classifier on tiny gray crops of unknown subjects: far above chance (1/8), far below certainty."""
    drawn = list(faces(600, seed=4, size=64, context_correlation=0.0))
    pixels = np.stack([_crop(face) for face in drawn])
    labels = np.array([EXPRESSIONS.index(face.expression) for face in drawn])
    known = np.array([int(face.subject[1:]) % 10 < 8 for face in drawn])
    model = RidgeClassifier(alpha=300).fit(pixels[known], labels[known])
    assert 0.3 < model.score(pixels[~known], labels[~known]) < 0.95


def _crop(face):
    import cv2

    left, top, right, bottom = (round(value) for value in face.box)
    gray = cv2.cvtColor(face.image[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (20, 20), interpolation=cv2.INTER_AREA).astype(float).ravel()
    return (small - small.mean()) / small.std()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": "wlid"}, "no balance named 'wlid'.*did you mean 'wild'"),
        ({"classes": ("neutral", "angre")}, "no expression named 'angre'.*did you mean 'anger'"),
        ({"context_correlation": 1.5}, r"context_correlation in \[0, 1\]; found 1.5"),
        ({"num_subjects": 0}, "num_subjects of at least 1; found 0"),
        ({"size": 8}, "size of at least 32; found 8"),
    ],
)
def test_wrong_options_are_refused_at_once(options, message):
    with pytest.raises(ConfigError, match=message):
        faces(1, **options)
