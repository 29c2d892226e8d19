"""MNIST from an npz and from IDX files, and the cut of W-MNIST."""

import gzip
from collections import Counter

import numpy as np
import pytest

from fercli.datasets.readers.mnist import MNIST
from fercli.errors import ConfigError, DataError
from tests.corpora.layouts import write_mnist

LAYOUTS = {
    "mnist npz": (MNIST(), lambda folder, _: write_mnist(folder, 20, 10)),
    "mnist idx": (MNIST(), lambda folder, _: write_mnist(folder, 20, 10, form="idx")),
    "mnist idx.gz": (MNIST(), lambda folder, _: write_mnist(folder, 20, 10, form="idx.gz")),
}


@pytest.mark.parametrize("form", ["npz", "idx", "idx.gz"])
def test_every_digit_comes_back(tmp_path, form, reading):
    arrays = write_mnist(tmp_path, 50, 20, form=form)
    read = reading(MNIST(), tmp_path)
    assert not read.rejects
    for split, count in (("train", 50), ("test", 20)):
        for i in range(count):
            record = read.records[f"{split}_{i:05d}"]
            assert (record.split, record.expression) == (split, str(arrays[f"y_{split}"][i]))
            np.testing.assert_array_equal(record.image, arrays[f"x_{split}"][i])
    assert len(read.records) == 70


def test_the_npz_itself_may_be_given(tmp_path, reading):
    write_mnist(tmp_path, 20, 10)
    assert len(reading(MNIST(), tmp_path / "mnist.npz").records) == 30


@pytest.mark.parametrize("folder", ["MNIST/raw", "raw"])
def test_idx_files_where_torchvision_puts_them_and_with_a_dot_in_their_names(tmp_path, folder, reading):
    write_mnist(tmp_path / folder, 20, 10, form="idx")
    for file in (tmp_path / folder).iterdir():
        file.rename(file.with_name(file.name.replace("-idx", ".idx")))
    assert len(reading(MNIST(), tmp_path).records) == 30


def counts(read, split="train"):
    return Counter(record.expression for record in read.records.values() if record.split == split)


def test_w_mnist_cuts_the_training_set_only(tmp_path, reading):
    write_mnist(tmp_path, 100, 50)
    read = reading(MNIST(counts={"2": 3, 7: 0}), tmp_path)
    assert counts(read) == {"2": 3} | dict.fromkeys("01345689", 10)
    assert counts(read, "test") == dict.fromkeys("0123456789", 5)
    assert read.reasons == {"not in the drawn subset": 17}


def drawn(tmp_path, reading, digit="2", **options):
    records = reading(MNIST(**options), tmp_path).records.values()
    return [record.id for record in records if record.split == "train" and record.expression == digit]


def test_the_draw_of_a_digit_depends_on_the_seed_and_grows_with_its_count(tmp_path, reading):
    write_mnist(tmp_path, 300, 10)
    few = drawn(tmp_path, reading, counts={"2": 8})
    assert drawn(tmp_path, reading, counts={"2": 8, "3": 5}) == few
    assert set(few) < set(drawn(tmp_path, reading, counts={"2": 12}))
    assert drawn(tmp_path, reading, counts={"2": 8}, seed=1) != few


def test_name_and_classes():
    assert (MNIST().info.name, MNIST(counts={"1": 5}).info.name) == ("mnist", "wmnist")
    assert MNIST().info.classes == tuple("0123456789")


def test_counts_are_checked(tmp_path, reading):
    with pytest.raises(ConfigError, match="digits 0 to 9; found x"):
        MNIST(counts={"x": 1})
    write_mnist(tmp_path, 50, 10)
    with pytest.raises(ConfigError, match=r"expected 0 to 5 images of digit 4; found counts\.4=6"):
        reading(MNIST(counts={"4": 6}), tmp_path)


def test_a_label_that_is_no_digit_is_counted(tmp_path, reading):
    arrays = write_mnist(tmp_path, 20, 10)
    arrays["y_train"][3] = 11
    np.savez(tmp_path / "mnist.npz", **arrays)
    read = reading(MNIST(), tmp_path)
    assert [(r.id, r.reason, r.detail) for r in read.rejects.values()] == [("train_00003", "unknown label", "11")]


def test_what_is_missing_or_damaged_is_named(tmp_path, reading):
    with pytest.raises(DataError, match="expected train-images-idx3-ubyte or"):
        reading(MNIST(), tmp_path)
    write_mnist(tmp_path, 20, 10, form="idx.gz")
    images, labels = (tmp_path / f"train-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
    whole = images.read_bytes()
    images.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz .* is damaged"):
        reading(MNIST(), tmp_path)
    images.write_bytes(gzip.compress(gzip.decompress(whole)[:-1]))
    with pytest.raises(DataError, match="is damaged: expected an IDX file of 3 dimensions"):
        reading(MNIST(), tmp_path)
    images.write_bytes(whole)
    short = gzip.decompress(labels.read_bytes())
    labels.write_bytes(gzip.compress(short[:4] + (19).to_bytes(4, "big") + short[8:-1]))
    with pytest.raises(DataError, match=r"found uint8 \(20, 28, 28\) and uint8 \(19,\) for train"):
        reading(MNIST(), tmp_path)


def test_a_damaged_npz_is_named(tmp_path, reading):
    arrays = write_mnist(tmp_path, 20, 10)
    file = tmp_path / "mnist.npz"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"mnist\.npz .* is damaged"):
        reading(MNIST(), tmp_path)
    np.savez(file, **{name: array for name, array in arrays.items() if name != "y_test"})
    with pytest.raises(DataError, match=r"expected x_train, y_train, x_test, y_test .*y_test"):
        reading(MNIST(), tmp_path)
