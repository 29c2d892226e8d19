import pytest
from scipy.io import loadmat

from fercli.datasets.synthetic.items import write_cars, write_cub, write_in_shop, write_online_products

SMALL = {"num_classes": 4, "images_per_class": 2, "size": 32}


@pytest.mark.parametrize("write", [write_cub, write_cars, write_online_products, write_in_shop])
def test_half_of_the_classes_train_and_the_same_options_give_the_same_images(tmp_path, write):
    for name in "ab":
        (tmp_path / name).mkdir()
    written = write(tmp_path / "a", **SMALL)
    assert write(tmp_path / "b", **SMALL) == written
    assert [item.split for item in written] == ["train"] * 4 + ["test"] * 4
    assert len({item.name for item in written}) == 4
    images = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.[jJ][pP][gG]")]
    assert len(images) == 8
    assert all((tmp_path / "a" / image).read_bytes() == (tmp_path / "b" / image).read_bytes() for image in images)


def test_lists_look_like_the_official_ones(tmp_path):
    write_cub(tmp_path, **SMALL)
    assert (tmp_path / "images.txt").read_text().splitlines()[0] == "1 001.Subject_1/Subject_1_0001.jpg"
    assert (tmp_path / "image_class_labels.txt").read_text().splitlines()[-1] == "8 4"
    write_online_products(tmp_path, **SMALL)
    lines = (tmp_path / "Ebay_test.txt").read_text().splitlines()
    assert lines[:2] == ["image_id class_id super_class_id path", "5 3 1 bicycle_final/111085120003_0.JPG"]
    write_in_shop(tmp_path, **SMALL)
    lines = (tmp_path / "Eval" / "list_eval_partition.txt").read_text().splitlines()
    assert lines[:2] == ["8", "image_name item_id evaluation_status"]
    assert [line.split()[2] for line in lines[2:]] == ["train"] * 4 + ["gallery", "query"] * 2
    write_cars(tmp_path, **SMALL)
    content = loadmat(tmp_path / "cars_annos.mat", squeeze_me=True)
    assert content["annotations"].dtype.names[-1] == "relative_im_path"
    assert int(content["annotations"]["class"][-1]) == 4
