import shutil

import pytest

from fercli.datasets.readers.cub import CUB
from fercli.datasets.synthetic.items import write_cub
from fercli.errors import DataError

LAYOUTS = {"cub": (CUB(), lambda folder, _: write_cub(folder, 4, 2, 32))}

SMALL = {"num_classes": 5, "images_per_class": 2, "size": 32}


@pytest.mark.parametrize("root", ["", "CUB_200_2011"])
def test_the_first_half_of_the_classes_trains(tmp_path, reading, root):
    (tmp_path / root).mkdir(exist_ok=True)
    written = write_cub(tmp_path / root, **SMALL)
    read = reading(CUB(), tmp_path)
    assert {(r.id, r.split, r.expression) for r in read.records.values()} == {(i.id, i.split, i.name) for i in written}
    assert read.rejects == {}
    splits = {record.expression: record.split for record in read.records.values()}
    assert list(splits.values()) == ["train", "train", "test", "test", "test"]


def test_lists_and_images_that_do_not_match_are_told(tmp_path, reading):
    first, second, third, fourth, *_ = write_cub(tmp_path, **SMALL)
    (tmp_path / "images" / first.id).unlink()
    shutil.copy(tmp_path / "images" / second.id, tmp_path / "images" / "odd.jpg")
    labels = (tmp_path / "image_class_labels.txt").read_text().splitlines()
    (tmp_path / "image_class_labels.txt").write_text("\n".join([*labels[:2], "3 x", *labels[4:]]))
    with (tmp_path / "images.txt").open("a") as stream:
        stream.write(f"99 odd.jpg\n100 {second.id}\n\n")
    read = reading(CUB(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        first.id: "image file missing",
        third.id: "no label",
        fourth.id: "no label",
        "odd.jpg": "malformed row",
        "images/odd.jpg": "image without label row",
        second.id: "no label",  # of image 100
    }


def test_what_is_missing_is_named(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected images\.txt or CUB_200_2011/images\.txt"):
        reading(CUB(), tmp_path)
