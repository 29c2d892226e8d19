import cv2
import numpy as np
import pandas as pd
import pytest

from fercli.datasets.synthetic.faces import faces
from fercli.datasets.synthetic.raw import write_raw
from fercli.errors import ConfigError

OPTIONS = {"num_faces": 30, "seed": 2, "size": 48, "num_subjects": 10}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    write_raw(folder, **OPTIONS)
    return folder


def test_rows_hold_what_was_drawn(folder):
    table = pd.read_csv(folder / "labels.csv")
    assert len(table) == 30
    for (_, row), face in zip(table.iterrows(), faces(**OPTIONS, balance="wild"), strict=True):
        image = cv2.imread(str(folder / row["image"]))[..., ::-1]
        np.testing.assert_array_equal(image, face.image)
        assert row["expression"] == face.expression
        assert tuple(map(int, row["votes"].split(";"))) == face.votes
        assert (row["valence"], row["arousal"], row["age"]) == (face.valence, face.arousal, face.age)
        assert row["intensity"] == face.intensity or (np.isnan(row["intensity"]) and face.intensity is None)
        points = np.array(row["landmarks"].split(";"), float).reshape(-1, 2)
        np.testing.assert_allclose(points, face.landmarks, atol=0.0051)  # written with two decimals


def test_splits_share_no_subject(folder):
    table = pd.read_csv(folder / "labels.csv")
    assert set(table["split"]) == {"train", "val", "test"}
    assert (table.groupby("subject")["split"].nunique() == 1).all()


def test_too_few_subjects(tmp_path):
    with pytest.raises(ConfigError, match=r"at least 10 subjects.*found 9"):
        write_raw(tmp_path, num_faces=5, num_subjects=9)
    assert list(tmp_path.iterdir()) == []
