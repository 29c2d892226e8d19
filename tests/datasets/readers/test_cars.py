import numpy as np
import pytest
from scipy.io import savemat

from fercli.datasets.readers.cars import Cars
from fercli.datasets.synthetic.items import write_cars
from fercli.errors import DataError

LAYOUTS = {"cars": (Cars(), lambda folder, _: write_cars(folder, 4, 2, 32))}

SMALL = {"num_classes": 4, "images_per_class": 2, "size": 32}


def test_the_first_half_of_the_classes_trains_whatever_the_field_test_says(tmp_path, reading):
    written = write_cars(tmp_path, **SMALL)
    read = reading(Cars(), tmp_path)
    assert {(r.id, r.split, r.expression) for r in read.records.values()} == {(i.id, i.split, i.name) for i in written}
    assert {record.expression for record in read.records.values() if record.split == "train"} == {
        "Subject 1 Sedan 2012",
        "Subject 2 Sedan 2012",
    }
    assert read.rejects == {}


def test_annotations_and_images_that_do_not_match_are_told(tmp_path, reading):
    first, *_ = write_cars(tmp_path, **SMALL)
    (tmp_path / first.id).rename(tmp_path / "car_ims" / "odd.jpg")
    read = reading(Cars(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        first.id: "image file missing",
        "car_ims/odd.jpg": "image without label row",
    }


def test_a_file_of_another_kind_is_refused(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected cars_annos\.mat or"):
        reading(Cars(), tmp_path)
    (tmp_path / "cars_annos.mat").write_bytes(b"no matrix" * 99)
    with pytest.raises(DataError, match=r"is damaged: expected a MATLAB file"):
        reading(Cars(), tmp_path)
    savemat(tmp_path / "cars_annos.mat", {"annotations": np.zeros(3)})
    with pytest.raises(DataError, match="no field relative_im_path, class"):
        reading(Cars(), tmp_path)
