"""Every choice of `fercli preprocess` is built, and data sets say how their faces are found."""

import pytest

from fercli.catalog import choices
from fercli.config import compose, instantiate
from fercli.records import DataInfo


@pytest.mark.parametrize("name", choices("data"))
def test_every_data_set_has_a_reader(name):
    cfg = compose("preprocess", [f"data={name}"])
    reader = instantiate(cfg.data.reader)
    assert isinstance(reader.info, DataInfo)
    assert cfg.data.name == name
    assert len(cfg.data.mean) == len(cfg.data.std) == cfg.data.get("channels", 3)


@pytest.mark.parametrize("name", choices("detector"))
def test_every_detector_is_built(name):
    cfg = compose("preprocess", ["data=folder", f"detector={name}"])
    assert callable(instantiate(cfg.detector).find)


def test_every_way_to_landmarks_is_built(predictor_file):
    assert compose("preprocess", ["data=folder"]).landmarks is None
    assert compose("preprocess", ["data=folder", "landmarks=given"]).landmarks is None
    for name in set(choices("landmarks")) - {"given"}:
        cfg = compose("preprocess", ["data=folder", f"landmarks={name}", f"landmarks.model={predictor_file}"])
        assert callable(instantiate(cfg.landmarks).locate)


@pytest.mark.parametrize(
    ("experiment", "confidence"),
    [
        ("dlga_cnn/avec2013", 0.9),
        ("dlga_cnn/avec2014", 0.9),
        ("dj_ldml/avec2013", 0.9),
        ("dj_ldml/avec2014", 0.9),
        ("crossmodal_gcn/avec2014", 0),  # its source names none, and wants the middle of the image without a face
        ("dda_dacl/rafdb", 0),
    ],
)
@pytest.mark.parametrize("detector", ["auto", "mtcnn"])
def test_the_data_of_an_experiment_says_how_certain_a_face_must_be(experiment, confidence, detector):
    data = compose("train", [f"experiment={experiment}"]).data
    cfg = compose("preprocess", [f"data={data.name}", "data.cropped=false", f"detector={detector}"])
    assert instantiate(cfg.detector).min_confidence == cfg.detector.min_confidence == confidence
    assert compose("preprocess", [f"data={data.name}", "detector.min_confidence=0.8"]).detector.min_confidence == 0.8


@pytest.mark.parametrize("name", ["avec2013_to_avec2014", "avec2014_to_avec2013"])
def test_across_corpora_faces_must_be_as_certain_as_within_one(name):
    assert compose("preprocess", [f"data={name}"]).detector.min_confidence == 0.9


@pytest.mark.parametrize(("data", "margin"), [("affectnet", 0), ("affectnet8", 0), ("rafdb", 0.1)])
def test_boxes_that_come_with_a_data_set_are_taken_as_they_are(data, margin):
    assert compose("preprocess", [f"data={data}"]).crop.margin == margin
