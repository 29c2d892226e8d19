import pytest

from fercli.datasets.readers.online_products import OnlineProducts
from fercli.datasets.synthetic.items import write_online_products
from fercli.errors import DataError

LAYOUTS = {"online_products": (OnlineProducts(), lambda folder, _: write_online_products(folder, 4, 2, 32))}

SMALL = {"num_classes": 4, "images_per_class": 2, "size": 32}


@pytest.mark.parametrize("root", ["", "Stanford_Online_Products"])
def test_each_list_is_a_split(tmp_path, reading, root):
    (tmp_path / root).mkdir(exist_ok=True)
    written = write_online_products(tmp_path / root, **SMALL)
    read = reading(OnlineProducts(), tmp_path)
    assert {(r.id, r.split, r.expression) for r in read.records.values()} == {(i.id, i.split, i.name) for i in written}
    assert read.rejects == {}


def test_lines_and_images_that_do_not_match_are_told(tmp_path, reading):
    first, second, *_ = write_online_products(tmp_path, **SMALL)
    (tmp_path / first.id).rename(tmp_path / "bicycle_final" / "odd.JPG")
    lines = (tmp_path / "Ebay_train.txt").read_text().splitlines()
    lines[2] = f"2 {second.id}"
    (tmp_path / "Ebay_train.txt").write_text("\n".join(lines))
    read = reading(OnlineProducts(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        first.id: "image file missing",
        second.id: "malformed row",
        "bicycle_final/odd.JPG": "image without label row",
    }


def test_what_is_missing_is_named(tmp_path, reading):
    write_online_products(tmp_path, **SMALL)
    (tmp_path / "Ebay_test.txt").unlink()
    with pytest.raises(DataError, match=r"expected Ebay_test\.txt"):
        reading(OnlineProducts(), tmp_path)
