"""Every layout looks like its official release, and reads the same from a zip, even one with a foul entry."""

import zipfile

import cv2
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from fercli.datasets.readers.aff_wild2 import AffWild2
from fercli.datasets.readers.affectnet import AffectNet
from fercli.datasets.readers.avec import AVEC2013, AVEC2014
from fercli.datasets.readers.caer import CAER, CAERS
from fercli.datasets.readers.cars import Cars
from fercli.datasets.readers.cub import CUB
from fercli.datasets.readers.fer2013 import FER2013
from fercli.datasets.readers.ferplus import FERPlus
from fercli.datasets.readers.folder import Folder
from fercli.datasets.readers.in_shop import InShop
from fercli.datasets.readers.mnist import MNIST
from fercli.datasets.readers.online_products import OnlineProducts
from fercli.datasets.readers.rafdb import RAFDB
from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.datasets.synthetic.faces import faces
from fercli.datasets.synthetic.items import write_cars, write_cub, write_in_shop, write_online_products
from fercli.datasets.synthetic.recordings import write_avec2013, write_avec2014
from fercli.datasets.synthetic.scenes import write_caer, write_caer_s
from fercli.taxonomy import EXPRESSIONS
from tests.corpora.layouts import (
    draw_digit,
    five_points,
    write_fer2013,
    write_ferplus,
    write_folder,
    write_mnist,
    write_rafdb,
    write_table,
)
from tests.corpora.layouts_affect import write_aff_wild2, write_affectnet


@pytest.fixture(scope="module")
def seven():
    return list(faces(20, seed=5, classes=EXPRESSIONS[:7], size=64))


@pytest.fixture(scope="module")
def eight():
    return list(faces(20, seed=6, size=64))


LAYOUTS = {
    "ferplus folders": (FERPlus("votes"), lambda folder, seven, eight: write_ferplus(folder, eight)),
    "ferplus csv": (FERPlus("votes"), lambda folder, seven, eight: write_ferplus(folder, eight, "csv")),
    "fer2013 csv": (FER2013(), lambda folder, seven, eight: write_fer2013(folder, seven)),
    "fer2013 folders": (FER2013(), lambda folder, seven, eight: write_fer2013(folder, seven, "folders")),
    "rafdb": (RAFDB(), lambda folder, seven, eight: write_rafdb(folder, seven)),
    "mnist": (MNIST(), lambda folder, seven, eight: write_mnist(folder, 20, 10, form="idx")),
    "folder": (Folder(), lambda folder, seven, eight: write_folder(folder, eight)),
    "affectnet 2017": (AffectNet(), lambda folder, seven, eight: write_affectnet(folder, eight)),
    "affectnet 2021": (AffectNet(), lambda folder, seven, eight: write_affectnet(folder, eight, "2021")),
    "aff_wild2": (AffWild2(), lambda folder, seven, eight: write_aff_wild2(folder, seven)),
    "avec2013": (AVEC2013(), lambda folder, *_: write_avec2013(folder, 5, 2, 32)),
    "avec2014 flat": (AVEC2014(), lambda folder, *_: write_avec2014(folder, 5, 2, 32, form="flat")),
    "caer": (CAER(), lambda folder, *_: write_caer(folder, 7, 2, size=32)),
    "caer_s": (CAERS(), lambda folder, *_: write_caer_s(folder, 21, size=32)),
    "cub": (CUB(), lambda folder, *_: write_cub(folder, 4, 2, 32)),
    "cars": (Cars(), lambda folder, *_: write_cars(folder, 4, 2, 32)),
    "online_products": (OnlineProducts(), lambda folder, *_: write_online_products(folder, 4, 2, 32)),
    "in_shop": (InShop(), lambda folder, *_: write_in_shop(folder, 4, 2, 32)),
    "table": (LabelTable(classes=EXPRESSIONS), lambda folder, seven, eight: write_table(folder, eight)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_zip_reads_like_the_folder_and_what_points_outside_is_only_listed(tmp_path, name, seven, eight):
    reader, write = LAYOUTS[name]
    folder = tmp_path / "raw"
    folder.mkdir()
    write(folder, seven, eight)
    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"Wrapped/{file.relative_to(folder)}")
        archive.writestr("../outside.png", b"")
    from_folder, from_zip = Source(folder), Source(tmp_path / "raw.zip")
    rows, zip_rows = list(reader.read(from_folder)), list(reader.read(from_zip))
    assert rows
    assert [repr(row) for row in zip_rows] == [repr(row) for row in rows]
    assert [*from_zip.refused] == ["../outside.png"]
    for row in rows:
        if isinstance(row_image := getattr(row, "image", None), str):
            assert from_zip.read(row_image) == from_folder.read(row_image)


def test_ferplus_has_the_names_and_the_order_of_the_release(tmp_path, eight):
    written = write_ferplus(tmp_path, eight)
    rows = (tmp_path / "FER2013Train" / "label.csv").read_text().splitlines()
    votes = dict(zip(EXPRESSIONS, written[0].face.votes, strict=True))
    order = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
    assert rows[0] == 'fer0000000.png,"(0, 0, 48, 48)",' + ",".join(str(votes[name]) for name in order) + ",0,0"
    image = cv2.imread(str(tmp_path / "FER2013Train" / "fer0000000.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(image, written[0].image)
    assert image.shape == (48, 48)


def test_fer2013_has_the_columns_of_its_two_releases(tmp_path, seven):
    write_fer2013(tmp_path, seven)
    write_fer2013(tmp_path, seven, "icml")
    first, second = ((tmp_path / name).read_text().split("\n")[0] for name in ("fer2013.csv", "icml_face_data.csv"))
    assert (first, second) == ("emotion,pixels,Usage", "emotion, Usage, pixels")


def test_rafdb_has_both_images_labels_and_annotations(tmp_path, seven):
    written = write_rafdb(tmp_path, seven)
    basic = tmp_path / "basic"
    code = {"surprise": 1, "fear": 2, "disgust": 3, "happiness": 4, "sadness": 5, "anger": 6, "neutral": 7}
    lines = (basic / "EmoLabel" / "list_patition_label.txt").read_text().splitlines()
    assert lines == [f"{item.id}.jpg {code[item.face.expression]}" for item in written]
    item = written[0]
    assert cv2.imread(str(basic / "Image" / "aligned" / f"{item.id}_aligned.jpg")).shape == (100, 100, 3)
    assert cv2.imread(str(basic / "Image" / "original" / f"{item.id}.jpg")).shape == (64, 64, 3)
    assert len((basic / "Annotation" / "manual" / f"{item.id}_manu_attri.txt").read_text().splitlines()) == 8


def test_five_points_are_eyes_nose_and_mouth_corners(eight):
    left_eye, right_eye, nose, left_mouth, right_mouth = five_points(eight[0])
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_drawn_digits_can_be_told_apart_though_none_is_like_another():
    rng = np.random.default_rng(0)
    labels = np.arange(600) % 10
    digits = np.stack([draw_digit(int(label), rng) for label in labels]).reshape(600, -1)
    assert len(np.unique(digits, axis=0)) == 600
    nearest = KNeighborsClassifier(1).fit(digits[:500], labels[:500])
    assert nearest.score(digits[500:], labels[500:]) > 0.9
