import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from fercli.config import compose
from fercli.datasets.synthetic.faces import faces
from fercli.errors import ConfigError, DataError, RunError
from fercli.fields import UNLABELLED
from fercli.inference.model import Model
from fercli.prediction import Prediction
from fercli.preprocess.align import transform
from fercli.preprocess.codec import decode
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Face, Given, five_points
from fercli.preprocess.shape_predictor import ShapePredictor
from fercli.preprocess.work import Work
from fercli.records import Record
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from tests.faults import FIRST_SPLIT, with_dlib_number


class KeepsBatch(nn.Module):
    """A method that sees no difference between two classes, and keeps the batch that it was given."""

    device = torch.device("cpu")

    def augmented(self, batch):
        return batch

    def forward(self, batch):
        self.batch = batch
        return Prediction(feature=torch.zeros(len(batch), 1), logits=torch.zeros(len(batch), 2))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of that method, whose data was prepared with these options."""
    config = compose("train", ["data=synthetic"])
    recorded = {"data": {"classes": ["neutral", "happiness"]}, "metrics": {}}
    monkeypatch.setattr("fercli.inference.model.reload", lambda run, trust: (config, KeepsBatch(), recorded))

    def prepared(**options):
        (tmp_path / "provenance.json").write_text(json.dumps({"data": {"options": {"size": 40} | options}}))
        run = RunFolder(tmp_path)
        run.finish({})
        return run

    return prepared


@pytest.mark.parametrize("content", ["[]", "{}", '{"data": null}', '{"data": "faces"}'])
def test_a_run_that_does_not_say_how_its_data_was_prepared_is_refused(run, content):
    folder = run()
    (folder.path / "provenance.json").write_text(content)
    folder.finish({})
    with pytest.raises(RunError, match="expected how the run's data was prepared"):
        Model.of(folder)


@pytest.fixture(scope="module")
def picture():
    """A picture with a face as a detector finds it, whose points are a little off."""
    face = next(iter(faces(1, seed=7, size=96)))
    off = np.random.default_rng(0).normal(0, 1, (5, 2))
    return face.image, Face(face.box, five_points(face.landmarks) + off)


def test_without_a_predictor_faces_are_cut_out_by_five_points(run, picture):
    model = Model.of(run())
    assert model.predict([picture]) == [{"predicted": "neutral", "prob_neutral": 0.5, "prob_happiness": 0.5}]
    assert model.landmarks is model.network.method.batch.landmarks is None
    assert model.accuracy is None
    assert model.frame_step(30) == 1


def test_the_accuracy_of_a_run_comes_from_its_predictions_whatever_its_metrics(run):
    """Right are rows 0 and 2 of the three that have a label."""
    folder = run()
    columns = {
        "id": np.array(["a", "b", "c", "d"]),
        "expression": np.array([0, 1, 1, UNLABELLED]),
        "probabilities": np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [1.0, 0.0]]),
        "feature": np.zeros((4, 1)),
    }
    write_predictions(folder, columns, ["neutral", "happiness"], "test")
    folder.finish({})
    assert Model.of(folder).accuracy == 2 / 3


def test_frames_are_read_as_far_apart_as_the_data_was_prepared(run):
    assert Model.of(run(reader={"sampling": {"frame_stride": 2}})).frame_step(30) == 2
    assert Model.of(run(reader={"sampling": {"_target_": "x", "frames_per_second": 6}})).frame_step(30) == 5
    assert Model.of(run(reader={"sampling": {"frames_per_second": 60}})).frame_step(30) == 1


@pytest.mark.parametrize("align", ["eyes", "five_point", "none"])
def test_faces_are_cut_out_by_found_landmarks_which_the_method_gets(run, picture, predictor_file, align):
    prepared = run(crop={"align": align}, landmarks=ShapePredictor(predictor_file).facts)
    model = Model.of(prepared)
    model.predict([picture, picture])
    image, face = picture
    found = model.landmarks.locate(image, face)
    batch = model.network.method.batch
    expected = transform(found.landmarks, model.crop.matrix(found))
    np.testing.assert_allclose(batch.landmarks.numpy(), [expected] * 2, atol=1e-4)
    by_landmarks = Model.of(run(crop={"align": align})).pixels(image, found)
    for crop in (batch.image[1].movedim(0, -1).numpy(), model.pixels(image, face)):
        np.testing.assert_array_equal(crop, by_landmarks)


def test_a_method_of_gray_images_gets_gray_crops(run, picture):
    model = Model.of(run())
    colored = model.pixels(*picture)
    gray = replace(model, channels=1).pixels(*picture)
    assert gray.shape == (40, 40, 1)
    np.testing.assert_array_equal(gray[..., 0], cv2.cvtColor(colored, cv2.COLOR_RGB2GRAY))


def test_a_predictor_can_be_given_to_a_run_without_one(run, picture, predictor_file):
    model = Model.of(run(), landmarks=predictor_file)
    model.predict([picture])
    assert model.network.method.batch.landmarks.shape == (1, 68, 2)


def test_the_predictor_of_the_data_is_taken_from_where_it_was_or_is_now(run, predictor_file, tmp_path):
    moved = shutil.copy(predictor_file, tmp_path / "moved.dat")
    prepared = run(landmarks=ShapePredictor(predictor_file).facts)
    assert Model.of(prepared).landmarks.model == predictor_file
    assert Model.of(prepared, landmarks=moved).landmarks.model == moved


def test_a_missing_predictor_or_another_one_is_refused(run, predictor_file, tmp_path):
    prepared = run(landmarks={"model": str(tmp_path / "gone.dat"), "sha256": "0" * 64})
    with pytest.raises(DataError, match=r"gone\.dat, found no file(.|\n)*give its path with --landmarks"):
        Model.of(prepared)
    with pytest.raises(ConfigError, match=r"gone\.dat of sha256 000000000000; found [0-9a-f]{12} in "):
        Model.of(prepared, landmarks=predictor_file)


def test_a_predictor_that_would_crash_the_process_is_refused(run, predictor_file, tmp_path):
    damaged = tmp_path / "damaged.dat"
    damaged.write_bytes(with_dlib_number(predictor_file.read_bytes(), FIRST_SPLIT, 2**45))
    for prepared in (run(), run(landmarks={"model": str(predictor_file), "sha256": "0" * 64})):
        with pytest.raises(DataError, match=r"damaged\.dat is damaged: expected dlib's predictor .* with signal 11"):
            Model.of(prepared, landmarks=damaged)


@pytest.mark.parametrize(
    ("prepared", "expected"),
    [
        ({"no_face": "center"}, True),
        ({"no_face": "leave_out"}, False),
        ({}, False),  # of an older version
        ({"no_face": "center", "detector": {"cropped": True}}, False),  # every picture was a face
    ],
)
def test_the_middle_is_predicted_as_the_data_was_prepared(run, prepared, expected):
    assert Model.of(run(**prepared)).predicts_middle == expected


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("with_predictor", [False, True])
def test_a_picture_without_a_face_is_predicted_as_preprocess_stores_it(
    run, picture, predictor_file, with_predictor, hidden
):
    """Middle, scene and landmarks; a face beside it in the same batch keeps its own, and may be hidden in its scene."""
    image, face = picture
    options = {"align": "five_point", "margin": 0.3}
    scene = {"height": 24, "width": 32}
    predictor = ShapePredictor(predictor_file) if with_predictor else None
    found = {"landmarks": predictor.facts} if predictor else {}
    prepared = run(no_face="center", crop=options, context=scene, **found)
    model = replace(Model.of(prepared), context=Context(keep=True, **scene))
    model.hide_face = hidden
    model.predict([(image, None), picture])
    batch = model.network.method.batch
    work = Work(None, Given(), Crop(40, **options), 3, "png", Context(True, **scene), "center", landmarks=predictor)
    (row,), rejects = work.process([Record("a", "test", image)])
    assert rejects == []
    assert not row["face_found"]
    np.testing.assert_array_equal(batch.image[0].movedim(0, -1).numpy(), decode(row["image"]))
    np.testing.assert_array_equal(model.pixels(image, None), decode(row["image"]))
    np.testing.assert_array_equal(batch.context[0].movedim(0, -1).numpy(), decode(row["context"]))
    whole = cv2.resize(image, (32, 24), interpolation=cv2.INTER_AREA)
    left, top, right, bottom = ((np.array(face.box) + 0.5) / 3 / [1, 4 / 3, 1, 4 / 3]).round().astype(int)
    middle = (slice(top + 1, bottom - 1), slice(left + 1, right - 1))
    seen = batch.context[1].movedim(0, -1).numpy()
    assert np.array_equal(seen, whole) != hidden
    np.testing.assert_array_equal(seen[middle], 0 if hidden else whole[middle])
    np.testing.assert_array_equal(batch.image[1].movedim(0, -1).numpy(), model.pixels(image, face))
    assert row["landmarks"] is None
    if with_predictor:
        assert batch.landmarks.isnan().all((1, 2)).tolist() == [True, False]
    else:
        assert batch.landmarks is None


def test_patches_without_landmarks_are_those_of_a_generic_face(run, predictor_file):
    model = Model.of(run())
    assert not model.guesses_landmarks  # this method reads none
    model = replace(model, cuts_patches=True)
    assert model.guesses_landmarks
    assert not replace(model, landmarks=ShapePredictor(predictor_file)).guesses_landmarks
