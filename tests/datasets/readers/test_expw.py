"""ExpW: photographs with several faces, splits that are drawn, and what is wrong in it."""

import numpy as np
import pytest

from fercli.datasets.media import write_image
from fercli.datasets.readers.expw import COUNTS, LABELS, ExpW
from fercli.datasets.readers.splitting import drawn_rule
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.records import ALL_SPLITS


def write_expw(folder, faces, num_faces=2):
    """Photographs with `num_faces` faces side by side, and their list; returns id, expression and box of each face."""
    written, lines = {}, []
    for number, start in enumerate(range(0, len(faces), num_faces)):
        shown = faces[start : start + num_faces]
        name, size = f"angry_actor_{number}", shown[0].image.shape[0]
        write_image(folder / "image" / "origin" / f"{name}.jpg", np.hstack([face.image for face in shown]))
        for place, face in enumerate(shown):
            left, right = place * size + 8, (place + 1) * size - 8
            written[f"{name}_{place}"] = (face.expression, (left - 0.5, 3.5, right - 0.5, size - 2.5))
            label = LABELS.index(face.expression)
            lines.append(f"{name}.jpg {place} 4 {left} {right} {size - 2} {20 + place}.9362 {label}\n")
    (folder / "label").mkdir()
    (folder / "label" / "label.lst").write_text("".join(lines))
    return written


LAYOUTS = {"expw": (ExpW(), write_expw)}


def test_every_face_comes_back(tmp_path, seven, reading):
    written = write_expw(tmp_path, seven)
    read = reading(ExpW(), tmp_path)
    assert {name: (record.expression, record.box) for name, record in read.records.items()} == written
    assert not read.rejects
    assert read.records["angry_actor_0_1"].more == (("photograph", "angry_actor_0.jpg"), ("confidence", "21.9362"))


def test_the_box_covers_the_pixels_that_the_list_names(tmp_path, seven, reading):
    """Rows 4 to 61 and columns 72 to 119 of the second face: the center of the first pixel is 0."""
    write_expw(tmp_path, seven)
    left, top, right, bottom = reading(ExpW(), tmp_path).records["angry_actor_0_1"].box
    assert (right - left, bottom - top) == (48, 58)
    assert (left, top) == (71.5, 3.5)


def test_splits_are_drawn_and_the_faces_of_a_photograph_stay_together(tmp_path, seven, reading):
    write_expw(tmp_path, seven)
    records = reading(ExpW(), tmp_path).records.values()
    assert len({(record.image, record.split) for record in records}) == len(seven) / 2
    assert {record.split for record in records} == {"train", "val", "test"}
    other = reading(ExpW(seed=1), tmp_path).records
    assert {record.id: record.split for record in records} != {name: record.split for name, record in other.items()}
    assert ExpW(seed=1).protocol(Source(tmp_path)) == {"split_rule": drawn_rule(1)}


@pytest.mark.parametrize("root", ["data", "ExpW"])
def test_both_folders_may_lie_in_another_one(tmp_path, seven, reading, root):
    write_expw(tmp_path / root, seven)
    (tmp_path / "readme.txt").touch()
    assert len(reading(ExpW(), tmp_path).records) == len(seven)


def test_what_is_wrong_is_counted(tmp_path, seven, reading):
    write_expw(tmp_path, seven[:8], num_faces=1)
    (tmp_path / "image" / "origin" / "angry_actor_3.jpg").unlink()
    (tmp_path / "image" / "origin" / "sad_girl_1.jpg").touch()
    with (tmp_path / "label" / "label.lst").open("a") as stream:
        stream.write("angry_actor_0.jpg 0 4 8 56 62 20.9 1\n")
        stream.write("angry_actor_0.jpg 1 4 8 56 62 20.9 7\n")
        stream.write("angry_actor_0.jpg 2 62 8 56 4 20.9 6\n")
        stream.write("angry_actor_0.jpg 3 4 x 56 62 20.9 6\n")
        stream.write("angry_actor_0.jpg 4 4 8\n")
    read = reading(ExpW(), tmp_path)
    assert len(read.records) == 7
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "angry_actor_3_0": "image file missing",
        "angry_actor_0_0": "duplicate id",
        "angry_actor_0_1": "unknown label",
        "angry_actor_0_2": "malformed row",
        "angry_actor_0_3": "malformed row",
        "line 13 of label/label.lst": "malformed row",
        "image/origin/sad_girl_1.jpg": "image without label row",
    }


def test_what_is_missing_is_named(tmp_path, seven, reading):
    with pytest.raises(DataError, match=r"expected label/label\.lst or label\.lst"):
        reading(ExpW(), tmp_path)
    write_expw(tmp_path, seven[:2])
    (tmp_path / "image").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"expected images in image/origin/ .* \(unpack origin\.7z there\)"):
        reading(ExpW(), tmp_path)


def test_expected_counts_are_those_of_the_release():
    extra = ExpW.info.extra
    assert extra["expected_expressions"] == {ALL_SPLITS: sum(COUNTS)} == {ALL_SPLITS: 91793}
    assert extra["expected_classes"][ALL_SPLITS]["neutral"] == 34883
