"""AffectNet in both layouts, and what is wrong in them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fercli.datasets.readers.affectnet import AffectNet
from fercli.errors import ConfigError, DataError
from tests.corpora.layouts_affect import write_affectnet

LAYOUTS = {
    "affectnet 2017": (AffectNet(), write_affectnet),
    "affectnet 2021": (AffectNet(), lambda folder, faces: write_affectnet(folder, faces, "2021")),
}


@pytest.fixture(params=["2017", "2021"])
def form(request):
    return request.param


def rows_of(folder, name="training.csv"):
    file = folder / "Manually_Annotated_file_lists" / name
    return file, file.read_text().splitlines()


def annotation(folder, item, kind):
    split, number = item.id.split("_")
    return folder / f"{split}_set" / "annotations" / f"{number}_{kind}.npy"


def test_every_label_comes_back(tmp_path, eight, form, reading):
    written = write_affectnet(tmp_path, eight, form)
    read = reading(AffectNet(), tmp_path)
    assert set(read.records) == {item.id for item in written}
    for item in written:
        record = read.records[item.id]
        assert (record.split, record.expression) == (item.split, item.face.expression)
        assert (record.valence, record.arousal) == (item.face.valence, item.face.arousal)
    assert {item.split for item in written} == {"train", "val"}


def test_the_2017_form_has_landmarks_and_box_in_pixels_of_the_image(tmp_path, eight, reading):
    written = write_affectnet(tmp_path, eight, "2017")
    records = reading(AffectNet(), tmp_path).records
    for item in written:
        np.testing.assert_allclose(records[item.id].landmarks, item.face.landmarks, atol=0.005)
        inside = np.clip(item.face.box, 0, 64)  # images of 64 pixels
        np.testing.assert_allclose(np.array(records[item.id].box) + 0.5, inside, atol=0.51)


def test_the_2021_form_has_landmarks_in_pixels_of_the_crop_and_no_box(tmp_path, eight, reading):
    spots = [30, 36, 45, 48, 54]  # nose tip, outer corners of the eyes, corners of the mouth
    dotted = np.zeros((64, 64, 3), np.uint8)
    for x, y in eight[0].landmarks[spots]:
        cv2.circle(dotted, (round(16 * x), round(16 * y)), 16, (255, 255, 255), -1, shift=4)
    item, *_ = write_affectnet(tmp_path, [replace(eight[0], image=dotted), *eight[1:3]], "2021")
    record = reading(AffectNet(), tmp_path).records[item.id]
    assert record.box is None
    assert record.landmarks.shape == (68, 2)
    for x, y in record.landmarks[spots].round().astype(int):
        assert item.image[y, x].min() > 200
    assert (item.image > 200).mean() < 0.05


def test_labels_without_an_expression_are_counted_one_by_one(tmp_path, eight, reading):
    write_affectnet(tmp_path, eight, "2017")
    read = reading(AffectNet(), tmp_path)
    assert read.reasons == {"labelled none": 1, "labelled uncertain": 1, "labelled no-face": 1}


def test_seven_classes_leave_out_contempt(tmp_path, eight, form, reading):
    written = write_affectnet(tmp_path, eight, form)
    read = reading(AffectNet(num_classes=7), tmp_path)
    contempt = {item.id for item in written if item.face.expression == "contempt"}
    assert set(read.records) == {item.id for item in written} - contempt
    left_out = {name for name, reject in read.rejects.items() if reject.reason == "class left out"}
    assert left_out == contempt
    assert {read.rejects[name].expression for name in contempt} == {"contempt"}
    assert AffectNet(num_classes=7).info.classes[-1] == "anger"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (6, "11", "unknown label"),
        (6, "happy", "unknown label"),
        (6, "1.5", "unknown label"),
        (6, "nan", "unknown label"),
        (7, "NaN", "value out of range"),
        (8, "1.2", "value out of range"),
        (7, "bad", "malformed row"),
        (1, "NULL", "malformed row"),
        (3, "0", "malformed row"),
        (3, "nan", "malformed row"),
        (5, "1;2;3", "malformed row"),
        (5, ";".join(["nan"] * 136), "malformed row"),
        (5, "NULL", "malformed row"),
    ],
)
def test_a_bad_cell_is_counted_and_its_neighbors_are_kept(tmp_path, eight, reading, column, value, reason):
    written = write_affectnet(tmp_path, eight[:6], "2017")
    file, lines = rows_of(tmp_path)
    cells = lines[1].split(",")
    cells[column] = value
    lines[1] = ",".join(cells)
    file.write_text("\n".join(lines))
    read = reading(AffectNet(), tmp_path)
    assert read.rejects[written[0].id].reason == reason
    assert set(read.records) == {item.id for item in written[1:]}


def test_without_valence_and_arousal_a_row_is_kept(tmp_path, eight, reading):
    written = write_affectnet(tmp_path, eight[:2], "2017")
    file, lines = rows_of(tmp_path)
    lines[1] = ",".join([*lines[1].split(",")[:7], "-2", "-2"])
    lines[2] = ",".join([*lines[2].split(",")[:5], "", *lines[2].split(",")[6:]])
    file.write_text("\n".join(lines))
    records = reading(AffectNet(), tmp_path).records
    first, second = (records[item.id] for item in written)
    assert (first.valence, first.arousal, first.expression) == (None, None, eight[0].expression)
    assert second.landmarks is None
    assert second.box is not None


def test_files_and_rows_that_do_not_fit_are_counted(tmp_path, eight, reading):
    written = write_affectnet(tmp_path, eight[:6], "2017")
    images = tmp_path / "Manually_Annotated_Images"
    (images / written[0].id).unlink()
    (images / "7").mkdir()
    (images / "7" / "extra.jpg").touch()
    file, lines = rows_of(tmp_path)
    again = next(line for line in lines if line.startswith(written[1].id))
    file.write_text("\n".join([*lines, again, "7/short.jpg,1,2"]))
    read = reading(AffectNet(), tmp_path)
    assert read.rejects[written[0].id].reason == "image file missing"
    assert read.rejects[written[1].id].reason == "duplicate id"
    assert read.rejects["Manually_Annotated_Images/7/extra.jpg"].reason == "image without label row"
    assert read.reasons["malformed row"] == 1


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("exp", np.array("9"), "labelled uncertain"),
        ("exp", np.array("12"), "unknown label"),
        ("exp", np.array([1, 2]), "malformed row"),
        ("val", np.array(np.nan), "value out of range"),
        ("aro", np.array("high"), "malformed row"),
        ("lnd", np.zeros(10), "malformed row"),
    ],
)
def test_a_bad_array_is_counted(tmp_path, eight, reading, kind, value, reason):
    written = write_affectnet(tmp_path, eight[:3], "2021")
    np.save(annotation(tmp_path, written[0], kind), value)
    read = reading(AffectNet(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {written[0].id: reason}


@pytest.mark.parametrize("damage", [b"", b"\x93NUM", b"PK\x03\x04rest", b"text", b"\x93NUMPY\x01\x00\x08\x00{'descr}"])
def test_a_damaged_array_is_counted(tmp_path, eight, reading, damage):
    written = write_affectnet(tmp_path, eight[:3], "2021")
    annotation(tmp_path, written[0], "val").write_bytes(damage)
    whole = annotation(tmp_path, written[1], "lnd").read_bytes()
    annotation(tmp_path, written[1], "lnd").write_bytes(whole[:-8])
    assert reading(AffectNet(), tmp_path).reasons == {"annotation damaged": 2}


def test_arrays_of_objects_are_never_unpickled(tmp_path, eight, reading):
    written = write_affectnet(tmp_path, eight[:3], "2021")
    np.save(annotation(tmp_path, written[0], "exp"), np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert reading(AffectNet(), tmp_path).reasons == {"annotation damaged": 1}


def test_numbers_need_not_be_text_and_landmarks_are_optional(tmp_path, eight, reading):
    item = write_affectnet(tmp_path, eight[:3], "2021")[0]
    np.save(annotation(tmp_path, item, "exp"), np.array([3]))
    np.save(annotation(tmp_path, item, "val"), np.float32(-2))
    annotation(tmp_path, item, "lnd").unlink()
    record = reading(AffectNet(), tmp_path).records[item.id]
    assert (record.expression, record.valence, record.landmarks) == ("surprise", None, None)


def test_files_that_miss_their_other_half_are_counted(tmp_path, eight, reading):
    first, second, *_ = write_affectnet(tmp_path, eight[:6], "2021")
    annotation(tmp_path, first, "exp").unlink()
    (tmp_path / "train_set" / "images" / f"{second.id.removeprefix('train_')}.jpg").unlink()
    rejects = reading(AffectNet(), tmp_path).rejects
    assert {name: reject.reason for name, reject in rejects.items()} == {
        first.id: "annotation missing",
        second.id: "image file missing",
    }


def test_what_is_missing_is_named(tmp_path, eight, reading):
    with pytest.raises(DataError, match=r"expected training\.csv or Manually_Annotated_file_lists/training\.csv"):
        reading(AffectNet(), tmp_path)
    write_affectnet(tmp_path, eight[:6], "2017")
    (tmp_path / "Manually_Annotated_Images").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="expected images in Manually_Annotated_Images/ or"):
        reading(AffectNet(), tmp_path)
    write_affectnet(tmp_path, eight[:2], "2021")  # both faces are for training
    with pytest.raises(DataError, match="expected val_set/images/ and val_set/annotations/"):
        reading(AffectNet(), tmp_path)


def test_options_are_checked():
    with pytest.raises(ConfigError, match="7 or 8 classes; found num_classes=6"):
        AffectNet(num_classes=6)


def test_expected_classes_are_those_of_the_release():
    extra = AffectNet().info.extra
    classes = extra["expected_classes"]
    assert {split: sum(counts.values()) for split, counts in classes.items()} == extra["expected_expressions"]
    assert {name: classes["train"][name] for name in ("happiness", "disgust")} == {"happiness": 134415, "disgust": 3803}
    assert set(classes["val"].values()) == {500}


@pytest.mark.parametrize(("num_classes", "contempt"), [(7, {"train": 3750, "val": 500}), (8, {})])
def test_expected_numbers_of_expressions_are_those_of_the_release(num_classes, contempt):
    """Of every row with an expression: contempt is left out and counted."""
    expected = AffectNet(num_classes).info.extra["expected_expressions"]
    kept = {split: number - contempt.get(split, 0) for split, number in expected.items()}
    assert kept == {7: {"train": 283901, "val": 3500}, 8: {"train": 287651, "val": 4000}}[num_classes]
