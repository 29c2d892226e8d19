"""The layouts with valence and arousal look like their official releases."""

import cv2
import numpy as np
import pytest

from fercli.datasets.synthetic.faces import faces
from fercli.taxonomy import EXPRESSIONS
from tests.corpora.layouts_affect import write_aff_wild2, write_affectnet


@pytest.fixture(scope="module")
def some():
    return list(faces(8, seed=5, classes=EXPRESSIONS[:7], size=64))


def test_affectnet_2017_has_the_columns_of_the_release(tmp_path, some):
    written = write_affectnet(tmp_path, some)
    lines = (tmp_path / "Manually_Annotated_file_lists" / "training.csv").read_text().splitlines()
    assert lines[0] == (
        "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
    )
    cells = lines[1].split(",")
    assert cells[0] == written[0].id
    assert len(cells[5].split(";")) == 136
    assert cells[6] == "0"  # the first face is neutral
    assert [line.split(",")[6:] for line in lines[-3:]] == [[label, "-2", "-2"] for label in ("8", "9", "10")]
    assert cv2.imread(str(tmp_path / "Manually_Annotated_Images" / written[0].id)).shape == (64, 64, 3)


def test_affectnet_2021_has_arrays_beside_cropped_images(tmp_path, some):
    write_affectnet(tmp_path, some, "2021")
    assert cv2.imread(str(tmp_path / "train_set" / "images" / "0.jpg")).shape == (224, 224, 3)
    arrays = {kind: np.load(tmp_path / f"train_set/annotations/0_{kind}.npy") for kind in ("exp", "val", "aro", "lnd")}
    assert arrays["exp"].item() == "0"
    assert float(arrays["val"].item()) == some[0].valence
    assert arrays["lnd"].shape == (136,)


def test_aff_wild2_has_a_line_for_each_frame_below_the_header(tmp_path, some):
    written = write_aff_wild2(tmp_path, some[:4])
    annotations = tmp_path / "annotations"
    (expressions,) = annotations.glob("EXPR_Classification_Challenge/Train_Set/*.txt")
    (affect,) = annotations.glob("VA_Estimation_Challenge/Train_Set/*.txt")
    lines = expressions.read_text().splitlines()
    assert lines[0] == "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other"
    order = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
    assert [order[int(line)] for line in lines[1:5]] == [item.face.expression for item in written]
    assert affect.read_text().splitlines()[:2] == ["valence,arousal", f"{some[0].valence},{some[0].arousal}"]
    assert cv2.imread(str(tmp_path / "cropped_aligned" / f"{written[0].id}.jpg")).shape == (112, 112, 3)
