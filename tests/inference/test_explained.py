"""Grad-CAM of `fercli predict`: which faces it shows, that it changes no prediction, and what it refuses."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from fercli.cli.app import app
from fercli.errors import ConfigError
from fercli.figures import explained as figures
from fercli.figures.class_activation import grad_cam
from fercli.figures.grad_cam import raised_or_lowered
from fercli.inference.explained import MOST_FACES, Explained
from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.outputs import NetworkInput, Outputs
from fercli.inference.predict import predict
from fercli.inference.request import PredictRequest
from fercli.inference.stream import FacePrediction
from fercli.inference.strip import MOST_DRAWN, MOST_MOMENTS
from fercli.preprocess.face import Face


def predicted(i, value=7):
    said = Outputs(predicted="fear", prob_fear=0.5)
    said.read = NetworkInput(np.full((3, 4, 4), value, np.uint8))
    return FacePrediction(Still(np.zeros((9, 9, 3), np.uint8), i, i / 10), 0, Face((1.0, 1.0, 5.0, 5.0)), (said,))


def test_few_faces_are_kept_of_many_images_people_and_frames():
    explained = Explained()
    for i in range(MOST_FACES + 5):
        explained.add(f"{i}.png", [predicted(i)], [None])
    people = [f"person {i}" for i in range(MOST_DRAWN + 2)] + [None]  # the last face is nobody's
    for i in range(100):
        explained.add("a.mp4", [predicted(i)] * len(people), people, is_video=True)
    assert [face.place for face in explained.images] == [f"{i}.png" for i in range(MOST_FACES)]
    moments = explained.moments()
    assert list(moments) == [("a.mp4", name) for name in people[:MOST_DRAWN]]
    for some in moments.values():
        assert len(some) == MOST_MOMENTS
        assert float(some[-1].place.removesuffix(" s")) >= 8.0
    assert explained.num_predicted == MOST_FACES + 5 + 100 * len(people)
    assert explained.num_drawn == MOST_FACES + MOST_DRAWN * MOST_MOMENTS


def test_a_face_without_a_prediction_is_no_face_to_explain():
    explained = Explained()
    explained.add("a.png", [FacePrediction(Still(np.zeros((9, 9, 3), np.uint8)), 0, None, (Outputs(),))], [None])
    assert explained.num_predicted == explained.num_drawn == 0


def test_what_is_kept_does_not_hold_the_arrays_of_its_batch():
    one = predicted(0)
    explained = Explained()
    explained.add("a.png", [one], [None])
    one.said[0].read.image[:] = 0
    assert (explained.images[0].read.image == 7).all()


@pytest.mark.parametrize(
    ("method", "titles"),
    [
        (["method=softmax"], "{predicted} {probability:.0%}"),
        (["method=affect_regression"], "valence {predicted_valence:+.2f}|arousal {predicted_arousal:+.2f}"),
    ],
)
def test_each_face_has_the_map_of_its_own_answer_and_the_same_prediction(
    method, titles, trained, detector, tmp_path, monkeypatch
):
    image = np.random.default_rng(0).integers(1, 60, (100, 120, 3), dtype=np.uint8)
    image[20:80, 30:90, 0] += 180  # the second face is blue, in the order of OpenCV
    cv2.imwrite(str(tmp_path / "two.png"), image)
    model, asked, drawn = Model.of(trained(*method)), [], []

    def watched(network, scores, image, index):
        asked.extend(index.tolist())
        return grad_cam(network, scores, image, index)

    monkeypatch.setattr("fercli.figures.grad_cam.grad_cam", watched)
    monkeypatch.setattr(
        figures,
        "grad_cam_figure",
        lambda *arguments, draw=figures.grad_cam_figure, **options: (
            drawn.append(arguments),
            draw(*arguments, **options),
        )[1],
    )
    tables = []
    for with_it in (False, True):
        out = tmp_path / str(with_it)
        account = predict(PredictRequest([tmp_path / "two.png"], out, grad_cam=with_it), [model], detector)
        written = figures.explanations(account.explained, model, out)
        assert written == ([out / "grad-cam" / "images.png"] if with_it else [])
        tables.append(pd.read_parquet(out / "predictions.parquet"))
    pd.testing.assert_frame_equal(*tables)
    assert cv2.imread(str(written[0])).std() > 10
    rows = tables[0].to_dict("records")
    if model.classifies:
        rows = [row | {"probability": row[f"prob_{row['predicted']}"]} for row in rows]
        assert asked == [model.classes.index(row["predicted"]) for row in rows]
    else:
        ends = [(0, "predicted_valence"), (1, "predicted_arousal")]
        assert asked == [i + 2 * (row[name] < 0) for row in rows for i, name in ends]
    ((images, maps, told),) = drawn
    assert told == [
        f"two.png\nface {i}: {title}" for i, row in enumerate(rows, 1) for title in titles.format(**row).split("|")
    ]
    assert all(found.min() >= 0 and found.max() in (0, 1) for found in maps)  # 0: nothing speaks for the answer
    faces = [model.pixels(image[..., ::-1], face) for face in detector.detect([image])[0]]
    found = np.array([one.mean((0, 1)) for one in images])
    expected = np.repeat([one.mean((0, 1)) for one in faces], len(images) // len(faces), axis=0)
    np.testing.assert_allclose(found, expected, atol=12)  # the aligned face, of the size that the network reads


def test_a_score_has_a_map_of_what_raises_it_and_one_of_what_lowers_it():
    """A map of one side alone is often dark all over."""
    run = SimpleNamespace(classifies=False, columns=("predicted_score",))
    questions = figures._questions(run, Outputs(predicted_score=18.87))
    assert questions == [("raises 18.9", 0), ("lowers 18.9", 1)]
    scores = raised_or_lowered({"predicted_score": torch.tensor([18.5], requires_grad=True)})
    assert [scores[0, index].item() for _, index in questions] == [18.5, -18.5]


def test_a_run_whose_prediction_comes_from_no_map_is_refused(model, monkeypatch):
    figures.require_heat(model)
    monkeypatch.setattr(type(model.network.method), "streams", lambda method, batch: [])
    with pytest.raises(ConfigError, match=r"comes from none .*Leave --grad-cam out"):
        figures.require_heat(model)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["a.png", "--run", "run", "--no-images"], "leave out --no-images"),
        (["--camera", "0", "--run", "run"], "add --record to a camera"),
        (["a.png", "--run", "run", "--run", "other"], "explains the network of one run folder"),
        (["a.png", "--run", "model.onnx"], "and no ONNX file"),
    ],
)
def test_what_cannot_be_explained_is_said_before_anything_is_read(options, told):
    done = CliRunner().invoke(app, ["predict", *options, "--grad-cam"])
    assert isinstance(done.exception, ConfigError)
    assert told in str(done.exception)


def test_the_command_names_the_figure_of_each_person_and_counts_what_it_leaves_out(trained, talking, tmp_path):
    run, out = trained("method=softmax").path, tmp_path / "out"
    options = ["--run", str(run), "--out", str(out), "--grad-cam", "--json"]
    done = CliRunner().invoke(app, ["predict", str(talking), *options], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert str(out / "grad-cam" / "talk.mp4, person 1.png") in found["written"]
    assert found["grad_cam"] == {"drawn": MOST_MOMENTS, "left_out": found["faces"] - MOST_MOMENTS}
