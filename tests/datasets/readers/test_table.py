"""A table names the images: every column, every wrong cell."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source
from fercli.datasets.synthetic.film import write_video
from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError
from fercli.taxonomy import EXPRESSIONS, class_order
from tests.corpora.layouts import write_table

LAYOUTS = {
    "table csv": (LabelTable(classes=EXPRESSIONS), write_table),
    "table parquet": (
        LabelTable("labels.parquet", classes=EXPRESSIONS),
        lambda folder, faces: write_table(folder, faces, form="parquet"),
    ),
}


def write(folder, header, *rows, images=()):
    (folder / "labels.csv").write_text("\n".join([header, *rows]) + "\n")
    for name in images:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_label_comes_back(tmp_path, eight, form, reading):
    written = write_table(tmp_path, eight, form=form)
    read = reading(LabelTable(f"labels.{form}", classes=EXPRESSIONS), tmp_path)
    assert not read.rejects
    for item in written:
        record, face = read.records[item.id], item.face
        assert (record.split, record.expression, record.subject) == (item.split, face.expression, face.subject)
        assert (record.valence, record.arousal, record.age) == (face.valence, face.arousal, face.age)
        assert (record.votes, record.box) == (face.votes, face.box)
        np.testing.assert_array_equal(record.landmarks, face.landmarks)
    assert len(read.records) == len(eight)


def test_the_table_itself_may_be_given(tmp_path, eight, reading):
    write_table(tmp_path, eight)
    (tmp_path / "labels.csv").rename(tmp_path / "mine.csv")
    assert len(reading(LabelTable(classes=EXPRESSIONS), tmp_path / "mine.csv").records) == len(eight)


def test_splits_are_drawn_disjoint_in_subject(tmp_path, eight, reading):
    write_table(tmp_path, eight, has_splits=False)
    records = reading(LabelTable(classes=EXPRESSIONS), tmp_path).records.values()
    splits_by_subject = {}
    for record in records:
        splits_by_subject.setdefault(record.subject, set()).add(record.split)
    assert all(len(splits) == 1 for splits in splits_by_subject.values())
    assert set(Counter(record.split for record in records)) == {"train", "val", "test"}


def test_images_beside_the_table_or_in_its_images_folder(tmp_path, reading):
    deep = tmp_path / "set"
    deep.mkdir()
    write(deep, "image,expression", "a.png,happy", "b.png,sad", images=["a.png", "images/b.png"])
    read = reading(LabelTable("set/labels.csv"), tmp_path)
    assert [(r.image, r.expression) for r in read.records.values()] == [
        ("a.png", "happiness"),
        ("images/b.png", "sadness"),
    ]


def test_a_missing_label_is_none_and_a_number_stays_a_word(tmp_path, reading):
    header = "image,expression,age,valence,subject,split"
    write(tmp_path, header, "a.png,happy,NA,,001,Training", "b.png,,31,0.5,NaN,test", images=["a.png", "b.png"])
    first, second = reading(LabelTable(), tmp_path).records.values()
    assert (first.expression, first.age, first.valence, first.subject, first.split) == (
        "happiness",
        None,
        None,
        "001",
        "train",
    )
    assert (second.expression, second.age, second.valence, second.subject, second.split) == (
        None,
        31,
        0.5,
        None,
        "test",
    )


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("valence", "3", "value out of range"),
        ("arousal", "-1.01", "value out of range"),
        ("score", "-1", "value out of range"),
        ("age", "-2", "value out of range"),
        ("time", "-0.5", "value out of range"),
        ("valence", "inf", "value out of range"),
        ("valence", "high", "malformed row"),
        ("landmarks", "1;2;3", "malformed row"),
        ("landmarks", "1;x", "malformed row"),
        ("landmarks", "1;inf", "value out of range"),
        ("box", "1;2;3", "malformed row"),
        ("box", "5;2;3;9", "malformed row"),
        ("votes", "1;2;3", "malformed row"),
        ("votes", "0;0", "value out of range"),
        ("votes", "-1;2", "value out of range"),
        ("split", "holdout", "unknown split"),
        ("split", "", "unknown split"),
        ("expression", "Bored", "unknown label"),
        ("expression", "", "no label"),
        ("image", "", "malformed row"),
        ("image", "gone.png", "image file missing"),
        ("image", "../a.png", "path outside the folder"),
        ("image", "/etc/a.png", "path outside the folder"),
    ],
)
def test_a_wrong_cell_costs_its_row_and_says_why(tmp_path, column, cell, reason, reading):
    row = {"id": "a", "image": "a.png", "expression": "sad", "split": "train"} | {column: cell}
    write(tmp_path, ",".join(row), ",".join(row.values()), images=["a.png"])
    read = reading(LabelTable(classes=["happy", "sad"]), tmp_path)
    assert not read.records
    assert read.reasons[reason] == 1
    (reject,) = (found for found in read.rejects.values() if found.reason == reason)
    assert column in reject.detail or reason not in ("malformed row", "value out of range")


def test_rows_and_images_that_do_not_match_are_counted(tmp_path, reading):
    rows = ["a.png,sad", "a.png,sad", "b.png", "c.png,sad"]
    write(tmp_path, "image,expression", *rows, images=["a.png", "images/c.png", "d.png"])
    read = reading(LabelTable(), tmp_path)
    assert set(read.records) == {"a.png", "c.png"}
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "a.png": "duplicate id",
        "line 4 of labels.csv": "malformed row",
        "d.png": "image without label row",
    }


def test_what_is_missing_is_named(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected labels\.csv"):
        reading(LabelTable(), tmp_path)
    write(tmp_path, "file,expression", "a.png,sad")
    with pytest.raises(DataError, match=r"expected the columns image .*found file, expression"):
        reading(LabelTable(), tmp_path)
    write(tmp_path, "image,votes", "a.png,1;2")
    with pytest.raises(DataError, match="name the classes in their order"):
        reading(LabelTable(), tmp_path)
    (tmp_path / "labels.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DataError, match=r"labels\.parquet .* is damaged"):
        reading(LabelTable("labels.parquet"), tmp_path)


def test_classes_must_differ():
    with pytest.raises(ConfigError, match="expected classes that differ"):
        LabelTable(classes=["happy", "happiness"])


def clip(path, num_frames=10):
    write_video(path, [np.zeros((16, 16, 3), np.uint8)] * num_frames, 10.0)


def test_a_column_of_videos_gives_their_frames(tmp_path, reading):
    clip(tmp_path / "clips" / "a.avi")
    clip(tmp_path / "b.avi", 5)
    rows = ["clips/a.avi,12,ann,ann_1,train", "b.avi,3,bob,bob_1,test"]
    write(tmp_path, "video,score,subject,session,split", *rows)
    read = reading(LabelTable(sampling=FrameSampling(frame_stride=4)), tmp_path)
    assert list(read.records) == [f"clips/a.avi/00000{i}" for i in (0, 4, 8)] + ["b.avi/000000", "b.avi/000004"]
    last = read.records["clips/a.avi/000008"]
    assert (last.image, last.frame, last.video, last.score) == ("clips/a.avi", 8, "clips/a.avi", 12)
    assert (last.subject, last.session, last.split) == ("ann", "ann/ann_1", "train")
    assert [record.time for record in reading(LabelTable(), tmp_path).records.values()] == [0, 0]  # one of a second


def test_drawn_splits_do_not_cut_a_video_or_a_subject(tmp_path, reading):
    for i in range(12):
        clip(tmp_path / f"{i}.avi", 3)
    write(tmp_path, "video,score,subject", *(f"{i}.avi,{i},s{i // 2}" for i in range(12)))
    read = reading(LabelTable(sampling=FrameSampling(frame_stride=1)), tmp_path)
    assert len(read.records) == 36
    splits = {(record.subject, record.split) for record in read.records.values()}
    assert len(splits) == 6
    assert {split for _, split in splits} >= {"train", "test"}


def test_videos_that_do_not_match_are_counted(tmp_path, reading):
    clip(tmp_path / "a.avi", 2)
    clip(tmp_path / "odd.avi", 2)
    (tmp_path / "bad.avi").write_bytes(b"RIFF")
    write(tmp_path, "video,score", "a.avi,12", "bad.avi,3", "gone.avi,4", ",5")
    read = reading(LabelTable(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "bad.avi": "video cannot be opened",
        "gone.avi": "video file missing",
        "odd.avi": "video without label row",
        "line 5 of labels.csv": "malformed row",
    }
    assert list(read.records) == ["a.avi/000000"]


def test_beside_images_the_column_video_is_the_name_of_a_clip(tmp_path, reading):
    clip(tmp_path / "a.avi", 2)
    write(tmp_path, "image,video,expression,role", "a.png,a.avi,sad,query", images=["a.png"])
    read = reading(LabelTable(), tmp_path)
    record = read.records["a.png"]
    assert (record.image, record.frame, record.video, record.role) == ("a.png", None, "a.avi", "query")
    assert read.rejects == {}


def test_whole_numbers_as_classes_are_ordered_as_numbers(tmp_path, reading):
    names = [f"{i}.png" for i in range(12)]
    write(tmp_path, "image,expression", *(f"{i}.png,{i}.0" for i in range(12)), images=names)
    found = [record.expression for record in reading(LabelTable(), tmp_path).records.values()]
    assert class_order(found) == tuple(map(str, range(12)))


def test_numbers_in_quotes_and_with_decimal_commas(tmp_path, reading):
    write(tmp_path, "image;valence;arousal;box", "a.png;0,5;'-0.25';\"1;2,5;3;4\"", images=["a.png"])
    record = reading(LabelTable(), tmp_path).records["a.png"]
    assert (record.valence, record.arousal, record.box) == (0.5, -0.25, (1, 2.5, 3, 4))


def test_labels_in_a_column_of_another_name(tmp_path, reading):
    write(tmp_path, "image,emotion", "a.png,sad", images=["a.png"])
    told = r"found emotion, image. Add 'data.reader.columns=\{expression: emotion\}'"
    with pytest.raises(DataError, match=told):
        reading(LabelTable(), tmp_path)
    assert reading(LabelTable(columns={"expression": "Emotion"}), tmp_path).records["a.png"].expression == "sadness"
    with pytest.raises(DataError, match="expected the columns mood"):
        reading(LabelTable(columns={"expression": "mood"}), tmp_path)
    with pytest.raises(ConfigError, match="no column named 'emotion'"):
        LabelTable(columns={"emotion": "expression"})


def test_classes_are_renamed_or_left_out(tmp_path, reading):
    rows = ["a.png,Pain", "b.png,PAIN", "c.png,unknown"]
    write(tmp_path, "image,expression", *rows, images=["a.png", "b.png", "c.png"])
    read = reading(LabelTable(relabel={"PAIN": "Pain", "unknown": None}), tmp_path)
    assert {name: record.expression for name, record in read.records.items()} == {"a.png": "Pain", "b.png": "Pain"}
    assert read.reasons == {"class left out": 1}
    with pytest.raises(ConfigError, match="names the class pian, which no row has"):
        reading(LabelTable(relabel={"pian": None}), tmp_path)


def test_a_parquet_with_columns_of_other_names(tmp_path, reading):
    pd.DataFrame({"File": ["a.png"], "emotion": [3.0], "x": [b"bytes"]}).to_parquet(tmp_path / "labels.parquet")
    (tmp_path / "a.png").touch()
    table = LabelTable("labels.parquet", columns={"image": "file", "expression": "emotion"})
    assert reading(table, tmp_path).records["a.png"].expression == "3"


def test_further_columns_are_kept_and_named(tmp_path):
    write(tmp_path, "image,valence,emotoin,\x1brater,", "a.png,0.5,sad,NA,y", images=["a.png"])
    source = Source(tmp_path)
    (record,) = LabelTable().read(source)
    assert record.more == (("emotoin", "sad"),)
    assert source.remarks == {"further columns of labels.csv, kept for groups (--by)": r"\x1brater, emotoin"}


def test_another_name_of_the_table_or_of_the_column_of_images_is_asked_for(tmp_path, reading):
    write(tmp_path, "file,expression", "a.png,sad", images=["a.png"])
    with pytest.raises(DataError, match=r"labels\.csv\. Give the name of your table: data\.reader\.table="):
        reading(LabelTable("ratings.csv"), tmp_path)
    with pytest.raises(DataError, match=r"found file, expression\. Add 'data\.reader\.columns={image: file}'"):
        reading(LabelTable(), tmp_path)
