"""Parquet files that hold the images themselves, as Hugging Face's `datasets` writes them."""

import json

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.errors import DataError
from fercli.preprocess.pictures import pictures
from fercli.preprocess.plan import make_plan

NAMES = ["angry", "happy"]
COLUMNS = {"expression": "label"}


def png(value):
    return cv2.imencode(".png", np.full((8, 6), value, np.uint8))[1].tobytes()


def write(path, *rows, names=NAMES, **columns):
    """Rows of image and label, with the names of the classes as `datasets` records them."""
    image = pa.array([row[0] for row in rows], pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    features = {"image": {"_type": "Image"}, "label": {"names": names, "_type": "ClassLabel"}}
    table = pa.table({"image": image, "label": pa.array([row[1] for row in rows], pa.int64()), **columns})
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    path.parent.mkdir(exist_ok=True, parents=True)
    pq.write_table(table.replace_schema_metadata(metadata), path)


def image(value, path=None):
    return {"bytes": png(value), "path": path}


@pytest.mark.slow
def test_images_and_names_of_classes_come_from_the_files(tmp_path):
    write(tmp_path / "data/train-00000-of-00001.parquet", (image(3), 1), (image(5), 0), (image(7), -1))
    write(tmp_path / "data/test-00000-of-00001.parquet", (image(9), 1))
    source, table = Source(tmp_path), LabelTable("data/*.parquet", columns=COLUMNS)
    plan = make_plan(table, source)
    assert [(r.split, r.expression) for r in plan.records] == [
        ("test", "happiness"),
        ("train", "happiness"),
        ("train", "anger"),
    ]
    assert [int(item.pixels[0, 0]) for _, item in pictures(source, plan.records)] == [9, 3, 5]
    assert [reject.reason for reject in plan.rejects] == ["no label"]
    assert table.protocol(source) == {"split_rule": "files of splits"}
    assert make_plan(LabelTable("data/*.parquet", columns=COLUMNS), source).fingerprint == plan.fingerprint


def test_one_file_has_drawn_splits_and_a_column_of_splits_counts_first(tmp_path):
    rows = [(image(i), i % 2) for i in range(20)]
    write(tmp_path / "train.parquet", *rows)
    drawn = make_plan(LabelTable(columns=COLUMNS), Source(tmp_path / "train.parquet")).records
    assert {record.split for record in drawn} == {"train", "val", "test"}
    write(tmp_path / "train.parquet", *rows, split=["test"] * 20)
    assert {r.split for r in make_plan(LabelTable(columns=COLUMNS), Source(tmp_path / "train.parquet")).records} == {
        "test"
    }


def test_without_the_bytes_the_path_counts(tmp_path, reading):
    (tmp_path / "a.png").write_bytes(png(1))
    write(tmp_path / "x.parquet", ({"bytes": None, "path": "a.png"}, 0), (None, 1), ({"bytes": b"no", "path": "b"}, 9))
    table = LabelTable("x.parquet", columns=COLUMNS)
    read = reading(table, tmp_path)
    assert [(name, record.expression) for name, record in read.records.items()] == [
        ("a.png", "anger"),
        ("row 3 of x.parquet", "9"),
    ]
    assert list(read.reasons) == ["malformed row"]
    ((_, reject),) = pictures(Source(tmp_path), [read.records["row 3 of x.parquet"]])
    assert reject.reason == "image cannot be decoded"


def test_the_messages_name_the_files_and_the_column_of_labels(tmp_path, reading):
    write(tmp_path / "data/train-0.parquet", (image(1), 0))
    write(tmp_path / "data/test-0.parquet", (image(1), 0))
    write(tmp_path / "README.md/x.parquet", (image(1), 0))
    with pytest.raises(DataError, match=r"data\.reader\.table=\*\*/\*\.parquet"):
        reading(LabelTable(), tmp_path)
    with pytest.raises(DataError, match=r"Add 'data\.reader\.columns=\{expression: label\}'"):
        reading(LabelTable("data/*.parquet"), tmp_path)


@pytest.mark.parametrize("metadata", [b"{", b"[]", b'{"info": 3}'])
def test_damaged_metadata_is_one_message(tmp_path, metadata, reading):
    write(tmp_path / "x.parquet", (image(1), 0))
    table = pq.read_table(tmp_path / "x.parquet").replace_schema_metadata({"huggingface": metadata})
    pq.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(DataError, match="is damaged: expected a Parquet table"):
        reading(LabelTable("x.parquet", columns=COLUMNS), tmp_path)


def test_numbers_without_names_stay_numbers(tmp_path, reading):
    write(tmp_path / "x.parquet", (image(1), 0), names=3)
    table = LabelTable("x.parquet", columns=COLUMNS)
    assert [record.expression for record in reading(table, tmp_path).records.values()] == ["0"]
