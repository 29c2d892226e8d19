import shutil

import pytest

from fercli.datasets.readers.in_shop import InShop
from fercli.datasets.synthetic.items import write_in_shop
from fercli.errors import DataError

LAYOUTS = {"in_shop": (InShop(), lambda folder, _: write_in_shop(folder, 4, 2, 32))}

SMALL = {"num_classes": 4, "images_per_class": 4, "size": 32}


def test_test_images_are_query_or_gallery(tmp_path, reading):
    written = write_in_shop(tmp_path, **SMALL)
    read = reading(InShop(), tmp_path)
    assert {(r.id, r.split, r.expression, r.role) for r in read.records.values()} == {
        (item.id, item.split, item.name, item.role) for item in written
    }
    assert {(r.split, r.role) for r in read.records.values()} == {
        ("train", None),
        ("test", "query"),
        ("test", "gallery"),
    }
    assert read.rejects == {}


def test_images_may_lie_beside_the_list(tmp_path, reading):
    write_in_shop(tmp_path, **SMALL)
    shutil.move(tmp_path / "Img" / "img", tmp_path / "img")
    shutil.move(tmp_path / "Eval" / "list_eval_partition.txt", tmp_path / "list_eval_partition.txt")
    assert len(reading(InShop(), tmp_path).records) == 16


def test_lines_and_images_that_do_not_match_are_told(tmp_path, reading):
    first, second, third, *_ = write_in_shop(tmp_path, **SMALL)
    (tmp_path / "Img" / first.id).rename(tmp_path / "Img" / "img" / "odd.jpg")
    file = tmp_path / "Eval" / "list_eval_partition.txt"
    lines = file.read_text().splitlines()
    lines[3:5] = [f"{second.id} train", f"{third.id} id_1 holdout"]
    file.write_text("\n".join(lines))
    read = reading(InShop(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        first.id: "image file missing",
        second.id: "malformed row",
        third.id: "unknown split",
        "Img/img/odd.jpg": "image without label row",
    }


def test_what_is_missing_is_named(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected Eval/list_eval_partition\.txt"):
        reading(InShop(), tmp_path)
    write_in_shop(tmp_path, **SMALL)
    shutil.rmtree(tmp_path / "Img")
    with pytest.raises(DataError, match=r"expected images in Img/img/ .*unpack img\.zip"):
        reading(InShop(), tmp_path)
