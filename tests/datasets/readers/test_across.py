"""One corpus to learn from and another to be evaluated on."""

import shutil

import pytest

from fercli.config import compose, instantiate
from fercli.datasets.readers.across import AcrossCorpora
from fercli.datasets.readers.avec import AVEC2013, AVEC2014
from fercli.datasets.synthetic.recordings import write_avec2013, write_avec2014
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError

LAYOUTS = {}  # the readers of the two corpora read all files

ALL = FrameSampling(frame_stride=1)
SMALL = {"num_subjects": 5, "num_frames": 3, "size": 48}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Both corpora beside each other, and what was written of each."""
    folder = tmp_path_factory.mktemp("both")
    return folder, write_avec2013(folder / "AVEC2013", **SMALL), write_avec2014(folder / "AVEC2014", **SMALL)


@pytest.fixture
def reader():
    return AcrossCorpora(AVEC2013(ALL), AVEC2014("Northwind", ALL), ("AVEC2013", "AVEC2014"))


def test_one_is_learned_from_and_the_other_evaluated_on(drawn, reader, reading):
    folder, first, second = drawn
    read = reading(reader, folder)
    learned = {f"AVEC2013/{video.id}" for video in first if video.sitting.split in ("train", "val")}
    evaluated = {f"AVEC2014/{v.id}" for v in second if v.sitting.split == "test" and v.id.endswith("Northwind")}
    by_split = {
        split: {r.video for r in read.records.values() if r.split == split} for split in ("train", "val", "test")
    }
    assert by_split["train"] | by_split["val"] == learned
    assert by_split["test"] == evaluated
    frames = {
        f"{c}/{v.id}": len(v.landmarks) for c, drawn in (("AVEC2013", first), ("AVEC2014", second)) for v in drawn
    }
    assert len(read.records) == sum(frames[video] for video in learned | evaluated)
    assert read.rejects == {}


def test_rows_are_found_from_the_common_folder(drawn, reader, reading):
    records = reading(reader, drawn[0]).records
    for name, record in records.items():
        assert (drawn[0] / record.image).is_file()
        assert name == f"{record.video}/{record.frame:06d}"
        assert record.session.partition("/")[0] == name.partition("/")[0]
        assert "/" not in record.subject  # people whom both show are the same people


def test_what_is_left_out_of_the_splits_that_count(drawn, reader, reading, tmp_path):
    shutil.copytree(drawn[0], tmp_path, dirs_exist_ok=True)
    labels = [
        next((tmp_path / corpus / split).rglob("*_Depression.csv"))
        for corpus, split in (
            ("AVEC2013", "Training"),
            ("AVEC2013", "Testing"),
            ("AVEC2014", "Training"),
            ("AVEC2014", "Testing"),
        )
    ]
    for label in labels:
        label.unlink()
    rejects = reading(reader, tmp_path).rejects
    assert {(name.partition("/")[0], row.split) for name, row in rejects.items()} == {
        ("AVEC2013", "train"),
        ("AVEC2014", "test"),
    }
    assert {row.reason for row in rejects.values()} == {"video without label file"}


def test_what_is_known_of_both(reader):
    info = reader.info
    assert (info.name, info.title) == ("avec2013_to_avec2014", "AVEC2013 to AVEC2014")
    assert info.extra["expected_videos"] == {"train": 50, "val": 50, "test": 50}
    both_tasks = AcrossCorpora(AVEC2014(), AVEC2013(), ("a", "b")).info
    assert both_tasks.extra["expected_videos"] == {"train": 100, "val": 100, "test": 50}


def test_a_corpus_is_missing(drawn, reader, reading, tmp_path):
    shutil.copytree(drawn[0] / "AVEC2013", tmp_path / "AVEC2013")
    with pytest.raises(DataError, match=r"AVEC2013 and AVEC2014 in .*; found no folder AVEC2014"):
        reading(reader, tmp_path)


@pytest.mark.parametrize(
    ("name", "learned", "evaluated"),
    [("avec2013_to_avec2014", AVEC2013, AVEC2014), ("avec2014_to_avec2013", AVEC2014, AVEC2013)],
)
def test_as_configured(name, learned, evaluated):
    reader = instantiate(compose("preprocess", [f"data={name}"]).data.reader)
    (first, *_), (second, *_) = reader.parts
    assert (type(first), type(second)) == (learned, evaluated)
    assert reader.info.name == name
    strides = {AVEC2013: 10, AVEC2014: 2}  # as in avec2013_clips and avec2014_clips
    assert (first.sampling.frame_stride, second.sampling.frame_stride) == (strides[learned], strides[evaluated])
