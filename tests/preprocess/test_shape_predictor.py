import pickle
import sys
from itertools import islice

import cv2
import numpy as np
import pytest

from fercli.datasets.synthetic.faces import faces
from fercli.errors import ConfigError, DataError
from fercli.ops.template import template_landmarks
from fercli.preprocess.align import eye_template, similarity, transform
from fercli.preprocess.codec import decode
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Face, Given, WholeImage, five_points
from fercli.preprocess.shape_predictor import MARGIN, SIZE, UPRIGHT, ShapePredictor
from fercli.records import Record
from tests.faults import CASCADES, FIRST_SPLIT, mutations, with_dlib_number


@pytest.fixture(scope="module")
def predictor(predictor_file):
    return ShapePredictor(predictor_file)


@pytest.fixture(scope="module")
def unseen():
    """Drawn faces that are not among those that the predictor was learned from."""
    return list(faces(24, seed=7, size=96))


def error(found, true):
    """Mean distance of landmarks in units of the distance between the centers of the eyes."""
    eyes = five_points(true)[:2]
    return np.linalg.norm(found - true, axis=1).mean() / np.linalg.norm(eyes[0] - eyes[1])


def mean_error(found, drawn):
    return np.mean([error(points, face.landmarks) for points, face in zip(found, drawn, strict=True)])


def test_landmarks_are_found_by_five_points_and_by_the_box(predictor, unseen):
    by_points = [predictor.locate(face.image, Face(face.box, five_points(face.landmarks))) for face in unseen]
    by_box = [predictor.locate(face.image, Face(face.box)) for face in unseen]
    to_face = [similarity(UPRIGHT, five_points(face.landmarks)) for face in unseen]
    generic = [transform(template_landmarks(SIZE, MARGIN), matrix) for matrix in to_face]
    # A face without landmarks of its own would get the generic ones.
    assert mean_error([face.landmarks for face in by_points], unseen) < 0.65 * mean_error(generic, unseen)
    assert mean_error([face.landmarks for face in by_box], unseen) < 0.8 * mean_error(generic, unseen)


def test_the_five_points_come_from_the_landmarks_and_the_rest_stays(predictor, unseen):
    before = Face(unseen[0].box, five_points(unseen[0].landmarks), confidence=0.9, is_framed=True)
    after = predictor.locate(unseen[0].image, before)
    assert (after.box, after.confidence, after.is_framed) == (before.box, 0.9, True)
    np.testing.assert_array_equal(after.points, five_points(after.landmarks))


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_face_that_leans_is_found_as_an_upright_one(predictor, unseen, quarters):
    """By quarters of a turn to the left, which move pixels and change none."""
    face = unseen[0]
    upright = predictor.locate(face.image, Face(face.box, five_points(face.landmarks))).landmarks
    turn = {1: np.array([[0, 1, 0], [-1, 0, 95.0]]), 2: np.array([[-1, 0, 95.0], [0, -1, 95.0]])}[quarters]
    turned = np.ascontiguousarray(np.rot90(face.image, quarters))
    found = predictor.locate(turned, Face((0, 0, 95, 95), transform(five_points(face.landmarks), turn))).landmarks
    assert error(found, transform(upright, turn)) < 0.01


def test_a_larger_and_a_gray_picture_give_about_the_same_landmarks(predictor, unseen):
    face = unseen[0]
    points = five_points(face.landmarks)
    found = predictor.locate(face.image, Face(face.box, points)).landmarks
    large = cv2.resize(face.image, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    enlarged = predictor.locate(large, Face(face.box, (points + 0.5) * 3 - 0.5)).landmarks
    assert error((enlarged + 0.5) / 3 - 0.5, found) < 0.03
    gray = cv2.cvtColor(face.image, cv2.COLOR_RGB2GRAY)
    assert error(predictor.locate(gray, Face(face.box, points)).landmarks, found) < 0.03


@pytest.mark.parametrize("align", ["eyes", "five_point", "none"])
def test_found_landmarks_are_stored_and_align_the_crop_in_place_of_given_ones(make_job, predictor, unseen, align):
    work = make_job(crop=Crop(80, align), detector=Given(), landmarks=predictor).work
    odd = unseen[0].landmarks + np.random.default_rng(0).normal(0, 1, (68, 2))
    (row,), _ = work.process([Record("a", "train", unseen[0].image, landmarks=odd, box=unseen[0].box)])
    face = predictor.locate(unseen[0].image, Face(unseen[0].box, five_points(odd)))
    stored = np.reshape(row["landmarks"], (68, 2))
    np.testing.assert_allclose(stored, transform(face.landmarks, work.crop.matrix(face)), atol=1e-9)
    if align == "eyes":
        np.testing.assert_allclose(five_points(stored)[:2], eye_template(80, 0.35, 0.4), atol=1e-9)


def test_ready_crops_get_landmarks_and_keep_their_pixels(make_job, predictor, unseen):
    box = np.reshape(unseen[0].box, (2, 2))
    side = round(np.ptp(box, axis=0).max())
    left, top = np.rint(box.mean(0) - side / 2).astype(int)
    crop = np.ascontiguousarray(unseen[0].image[top : top + side, left : left + side])
    work = make_job(crop=Crop(side), detector=WholeImage(), landmarks=predictor).work
    (row,), _ = work.process([Record("a", "train", crop)])
    np.testing.assert_array_equal(decode(row["image"]), crop)
    assert error(np.reshape(row["landmarks"], (68, 2)), unseen[0].landmarks - (left, top)) < 0.1


def test_rows_without_a_face_have_the_same_reasons_as_without_a_predictor(make_job, predictor, rows):
    records = [
        Record("none", "train", "0.png"),
        Record("empty", "train", "0.png", box=(5, 5, 5, 9)),
        Record("coincide", "train", "0.png", landmarks=np.full((5, 2), 7.0)),
    ]
    work = make_job(detector=Given(), landmarks=predictor).work
    assert [(reject.id, reject.reason) for reject in work.process(records)[1]] == [
        ("none", "no face given"),
        ("empty", "face box has no area"),
        ("coincide", "face box has no area"),
    ]
    middle = make_job(detector=Given(), landmarks=predictor, no_face="center").work.process(records[:1])[0]
    assert middle[0]["landmarks"] is None


def test_it_can_be_sent_to_processes(predictor_file, unseen):
    here, face = ShapePredictor(predictor_file), Face(unseen[0].box)
    sent = pickle.dumps(here)
    assert len(sent) < 1000  # not the trees
    there = pickle.loads(sent)
    np.testing.assert_array_equal(
        here.locate(unseen[0].image, face).landmarks, there.locate(unseen[0].image, face).landmarks
    )


def test_without_dlib_the_message_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(ConfigError, match=r"needs dlib, which is not installed; pip install fercli\[landmarks\]"):
        ShapePredictor(tmp_path / "any.dat")


def test_without_a_file_the_message_says_which_is_expected_and_where_it_is(predictor_file, tmp_path):
    with pytest.raises(ConfigError, match=r"no value for landmarks\.model; .*\n.*dlib\.net.*300-W"):
        ShapePredictor()
    with pytest.raises(DataError, match=r"predictor of 68 landmarks in .*gone\.dat, found no file\.\n.*dlib\.net"):
        ShapePredictor(tmp_path / "gone.dat")


DAMAGES = {
    "empty": (lambda data: b"", "found RuntimeError"),
    "zeros": (lambda data: bytes(len(data)), "found RuntimeError"),
    "cut": (lambda data: data[: len(data) // 2], "found RuntimeError"),
    "many cascades": (lambda data: with_dlib_number(data, CASCADES, 2**33), "found content that needs more memory"),
    "first split": (lambda data: with_dlib_number(data, FIRST_SPLIT, 2**45), "its library ended with signal 11"),
    "left split": (lambda data: with_dlib_number(data, FIRST_SPLIT + 4, 2**45), "its library ended with signal 11"),
    "right split": (lambda data: with_dlib_number(data, FIRST_SPLIT + 8, 2**45), "its library ended with signal 11"),
}


@pytest.fixture(params=DAMAGES)
def damaged(request, predictor_file, tmp_path):
    """A damaged predictor, and what is said of it; most of these crash a process that uses them."""
    change, said = DAMAGES[request.param]
    path = tmp_path / "damaged.dat"
    path.write_bytes(change(predictor_file.read_bytes()))
    return path, said


def test_a_damaged_file_is_one_message_that_says_what_to_do(damaged):
    path, said = damaged
    with pytest.raises(DataError) as refused:
        ShapePredictor(path)
    message = str(refused.value)
    assert message.startswith(f"{path} is damaged: expected dlib's predictor of 68 landmarks")
    assert said in message
    assert "copy" in message
    assert "dlib.net" in message


def test_a_number_that_stays_the_same_leaves_the_file_as_it_was(predictor_file):
    data = predictor_file.read_bytes()
    assert with_dlib_number(data, CASCADES, 6) == data
    assert with_dlib_number(data, CASCADES + 1, 30) == data


def outcome(path):
    try:
        found = ShapePredictor(path).locate(np.zeros((96, 96), np.uint8), Face((8, 8, 88, 88)))
    except DataError as refused:
        return str(refused)
    return f"{len(found.landmarks)} landmarks"


def test_noise_and_changed_bytes_load_or_are_one_message(predictor_file, tmp_path):
    path, outcomes = tmp_path / "damaged.dat", []
    for _, content in islice(mutations(predictor_file.read_bytes(), np.random.default_rng(0)), 8):
        path.write_bytes(content)
        outcomes.append(outcome(path))
    refused = [text for text in outcomes if text.startswith(f"{path} is damaged: expected dlib's predictor")]
    assert set(outcomes) - set(refused) <= {"68 landmarks"}
    assert len(refused) >= 3  # no content, noise, and where the file is cut


def test_another_file_is_refused(tmp_path, unseen):
    dlib = pytest.importorskip("dlib", reason="dlib is an optional extra: pip install fercli[landmarks]")
    (tmp_path / "text.dat").write_text("no predictor")
    with pytest.raises(DataError, match="is damaged: expected dlib's predictor"):
        ShapePredictor(tmp_path / "text.dat")
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 30, 30), [dlib.point(i, i * i) for i in range(5)])
    options = dlib.shape_predictor_training_options()
    options.cascade_depth = options.num_trees_per_cascade_level = options.tree_depth = 1
    dlib.train_shape_predictor([unseen[0].image] * 2, [[shape]] * 2, options).save(str(tmp_path / "five.dat"))
    with pytest.raises(DataError, match=r"predictor of 68 landmarks in .*five\.dat, found one of 5 landmarks"):
        ShapePredictor(tmp_path / "five.dat")
