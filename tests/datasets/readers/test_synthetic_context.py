import cv2
import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from fercli.datasets.readers.synthetic_context import SyntheticContext
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Given
from fercli.preprocess.work import Work
from fercli.taxonomy import EXPRESSIONS

OPTIONS = {"num_images": 21, "seed": 1, "size": 64}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "raw"
    SyntheticContext(**OPTIONS).prepare(folder)
    return folder


def test_every_still_has_a_class_and_landmarks(raw):
    records = list(SyntheticContext(**OPTIONS).read(Source(raw)))
    assert len(records) == 21
    assert {record.expression for record in records} == set(EXPRESSIONS[:7])
    assert [record.split for record in records].count("test") == 7
    for record in records:
        assert record.landmarks.shape == (68, 2)
        assert (raw / record.image).is_file()


def test_prepare_tells_other_options(raw):
    with pytest.raises(DataError, match=r"face_correlation=0\.5.*found one drawn with face_correlation=1\.0"):
        SyntheticContext(**OPTIONS, face_correlation=0.5).prepare(raw)


def test_a_correlation_is_a_probability():
    with pytest.raises(ConfigError, match=r"context_correlation in \[0, 1\]; found 2"):
        SyntheticContext(context_correlation=2)


@pytest.mark.slow
def test_a_cue_of_the_scene_is_in_the_context_and_not_in_the_crop_of_the_face(tmp_path):
    reader = SyntheticContext(num_images=210, size=64, face_correlation=0.0)
    reader.prepare(tmp_path / "raw")
    source = Source(tmp_path / "raw")
    records = list(reader.read(source))
    work = Work(source, Given(), Crop(16), context=Context(True, 12, 16))
    rows, _ = work.process(records)
    is_train = np.array([row["split"] == "train" for row in rows])
    labels = np.array([row["expression"] for row in rows])
    accuracy = {}
    for column in ("image", "context"):
        pixels = np.stack([cv2.imdecode(np.frombuffer(row[column], np.uint8), cv2.IMREAD_COLOR) for row in rows])
        pixels = pixels.reshape(len(rows), -1) / 255
        model = RidgeClassifier(10).fit(pixels[is_train], labels[is_train])
        accuracy[column] = model.score(pixels[~is_train], labels[~is_train])
    assert accuracy["context"] > 0.9
    assert accuracy["image"] < 0.3  # chance is 1/7
