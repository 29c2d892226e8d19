"""FER2013 in its csv forms and as folders, and what is wrong in them."""

import numpy as np
import pytest

from fercli.datasets.readers.fer2013 import FER2013, pixels
from fercli.errors import DataError
from tests.corpora.layouts import write_fer2013

LAYOUTS = {"fer2013 csv": (FER2013(), write_fer2013)}


@pytest.mark.parametrize("form", ["csv", "icml", "folders"])
def test_every_label_comes_back(tmp_path, seven, form, reading):
    written = write_fer2013(tmp_path, seven, form)
    read = reading(FER2013(), tmp_path)
    assert {name: (r.split, r.expression) for name, r in read.records.items()} == {
        item.id: (item.split, item.face.expression) for item in written
    }
    assert not read.rejects
    assert {item.split for item in written} == {"train", "val", "test"}


def test_pixels_come_back(tmp_path, seven, reading):
    written = write_fer2013(tmp_path, seven)
    read = reading(FER2013(), tmp_path / "fer2013.csv")
    for item in written:
        np.testing.assert_array_equal(read.records[item.id].image, item.image)


def test_a_csv_of_any_name_may_be_given_itself(tmp_path, seven, reading):
    write_fer2013(tmp_path, seven[:3])
    renamed = (tmp_path / "fer2013.csv").rename(tmp_path / "faces.csv")
    assert len(reading(FER2013(), renamed).records) == 3


def test_test_images_without_telling_names_are_all_test(tmp_path, reading):
    for name in ("test/angry/1.jpg", "test/angry/PublicTest_2.jpg", "test/angry/PrivateTest_3.jpg", "train/sad/4.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    read = reading(FER2013(), tmp_path)
    assert [record.split for record in read.records.values()] == ["test", "test", "val", "train"]  # sorted by name


def test_damage_is_counted(tmp_path, seven, reading):
    write_fer2013(tmp_path, seven[:6])
    file = tmp_path / "fer2013.csv"
    header, *rows = file.read_text().splitlines()
    rows[0] = "7" + rows[0][1:]
    rows[1] = rows[1].rpartition(",")[0]
    rows[2] = rows[2].replace("Training", "Holdout").replace("PrivateTest", "Holdout")
    rows[3] = rows[3].replace(" ", " 256 ", 1)
    rows[4] = rows[4].replace(" ", " x ", 1)
    file.write_text("\n".join([header, *rows]))
    read = reading(FER2013(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "row00000": "unknown label",
        "row00001": "malformed row",
        "row00002": "unknown split",
        "row00003": "malformed row",
        "row00004": "malformed row",
    }
    assert list(read.records) == ["row00005"]


def test_unknown_folders_are_counted(tmp_path, seven, reading):
    write_fer2013(tmp_path, seven, "folders")
    for name in ("train/bored/1.jpg", "train/2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    rejects = reading(FER2013(), tmp_path).rejects
    assert {name: (r.reason, r.detail) for name, r in rejects.items()} == {
        "train/bored/1.jpg": ("unknown label", "bored"),
        "train/2.jpg": ("unknown label", "no class folder"),
    }


def test_what_is_missing_is_named(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected fer2013\.csv or icml_face_data\.csv"):
        reading(FER2013(), tmp_path)
    (tmp_path / "fer2013.csv").write_text("emotion,pixels\n")
    with pytest.raises(DataError, match="expected the columns usage"):
        reading(FER2013(), tmp_path)


@pytest.mark.parametrize("text", ["", "1 2 3", "1 " * 2305, "256 " * 2304, "-1 " * 2304, "1.5 " * 2304])
def test_what_is_no_image(text):
    assert pixels(text) is None


def test_pixels_row_by_row():
    image = pixels(" ".join(str(i % 256) for i in range(2304)))
    assert image.dtype == np.uint8
    assert image[0, 47] == 47
    assert image[1, 0] == 48


def test_expected_counts_are_those_of_the_release():
    assert FER2013().info.extra["expected_counts"] == {"train": 28709, "val": 3589, "test": 3589}


def test_labels_as_pandas_writes_them_again_and_numbers_without_end(tmp_path, seven, reading):
    write_fer2013(tmp_path, seven[:4])
    file = tmp_path / "fer2013.csv"
    header, *rows = file.read_text().splitlines()
    rows = [f"{row[0]}.0{row[1:]}" for row in rows]
    rows[2] = "9" * 5000 + rows[2][3:]
    rows[3] = rows[3].replace(" ", " " + "9" * 5000 + " ", 1)
    file.write_text("\n".join([header, *rows]))
    read = reading(FER2013(), tmp_path)
    assert [record.expression for record in read.records.values()] == [face.expression for face in seven[:2]]
    assert read.reasons == {"unknown label": 1, "malformed row": 1}
