import pytest

from fercli.datasets.readers.synthetic_items import SyntheticItems
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError

OPTIONS = {"num_classes": 4, "images_per_class": 3, "seed": 1, "size": 32}


def test_half_of_the_people_train(tmp_path):
    reader = SyntheticItems(**OPTIONS)
    reader.prepare(tmp_path / "raw")
    records = list(reader.read(Source(tmp_path / "raw")))
    assert len(records) == 12
    people = {split: {record.expression for record in records if record.split == split} for split in ("train", "test")}
    assert [len(names) for names in people.values()] == [2, 2]
    assert not people["train"] & people["test"]
    with pytest.raises(DataError, match=r"seed=2.*found one drawn with seed=1"):
        SyntheticItems(**OPTIONS | {"seed": 2}).prepare(tmp_path / "raw")


def test_one_class_has_nothing_to_be_told_from(tmp_path):
    with pytest.raises(ConfigError, match="at least 2 classes of 2 images"):
        SyntheticItems(num_classes=1).prepare(tmp_path / "raw")
