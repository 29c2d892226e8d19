"""Both AVEC corpora: what a download holds, the forms it comes in, and what is wrong in it."""

import shutil

import pytest

from fercli.datasets.readers.avec import AVEC2013, AVEC2014
from fercli.datasets.synthetic.recordings import write_avec2013, write_avec2014
from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError

LAYOUTS = {"avec2014": (AVEC2014(), lambda folder, _: write_avec2014(folder, 5, 2, 32))}

ALL = FrameSampling(frame_stride=1)
SMALL = {"num_subjects": 5, "num_frames": 3, "size": 48}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """AVEC2014 in its official form, and what was written."""
    folder = tmp_path_factory.mktemp("avec2014")
    return folder, write_avec2014(folder, **SMALL)


@pytest.fixture
def raw(drawn, tmp_path):
    """A copy that may be damaged."""
    shutil.copytree(drawn[0], tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_every_frame_has_score_subject_and_sitting(drawn, reading):
    folder, written = drawn
    records = reading(AVEC2014(sampling=ALL), folder).records
    assert len(records) == sum(len(video.landmarks) for video in written)
    for video in written:
        record = records[f"{video.id}/000001"]
        assert (record.image, record.frame, record.split) == (video.file, 1, video.sitting.split)
        assert (record.score, record.video, record.session) == (video.sitting.score, video.id, video.sitting.id)
        assert record.subject == video.sitting.id.partition("_")[0]
    assert {record.split for record in records.values()} == {"train", "val", "test"}
    assert {record.session for record in records.values()} > {"203_1", "203_2"}


def test_the_flat_form_reads_the_same(drawn, tmp_path, reading):
    write_avec2014(tmp_path, **SMALL, form="flat")
    official, flat = (reading(AVEC2014(sampling=ALL), folder).records for folder in (drawn[0], tmp_path))
    assert {(r.id, r.split, r.score) for r in flat.values()} == {(r.id, r.split, r.score) for r in official.values()}


@pytest.mark.parametrize("task", ["Freeform", "Northwind"])
def test_one_task(drawn, reading, task):
    reader = AVEC2014(task, ALL)
    read = reading(reader, drawn[0])
    assert {record.video for record in read.records.values()} == {v.id for v in drawn[1] if v.id.endswith(task)}
    assert read.rejects == {}
    assert reader.info.extra["expected_videos"] == {"train": 50, "val": 50, "test": 50}


@pytest.mark.parametrize("form", ["official", "flat"])
def test_avec2013_has_one_video_of_a_sitting(tmp_path, reading, form):
    written = write_avec2013(tmp_path, **SMALL, form=form)
    read = reading(AVEC2013(), tmp_path)  # one frame of a second, and no video lasts longer
    assert {(r.id, r.split, r.score, r.time) for r in read.records.values()} == {
        (f"{video.id}/000000", video.sitting.split, video.sitting.score, 0.0) for video in written
    }
    assert read.rejects == {}


def test_labels_may_lie_apart_under_a_name_with_the_partition(raw, reading):
    whole = reading(AVEC2014(), raw).records
    for split in ("Training", "Development", "Testing"):
        apart = raw / f"AVEC2014_Labels_{split}" / "DepressionLabels"
        shutil.move(raw / split / "DepressionLabels", apart)
        shutil.move(raw / split, raw / "AVEC2014" / split)
    assert set(reading(AVEC2014(), raw).records) == set(whole)


def label(raw, split="Training", name="203_1"):
    return raw / split / "DepressionLabels" / f"{name}_Depression.csv"


def video(raw, split="Training", name="203_1", task="Freeform"):
    return raw / split / task / f"{name}_{task}_video.mp4"


def test_a_video_without_label_and_a_label_without_video_are_told(raw, reading):
    label(raw).unlink()
    for task in ("Freeform", "Northwind"):
        video(raw, "Development", "205_1", task).unlink()
    read = reading(AVEC2014(), raw)
    assert {(r.id, r.split, r.reason) for r in read.rejects.values()} == {
        ("203_1_Freeform", "train", "video without label file"),
        ("203_1_Northwind", "train", "video without label file"),
        ("Development/DepressionLabels/205_1_Depression.csv", "val", "label file without video"),
    }
    assert {r.session for r in read.records.values()} == {"203_2", "204_1", "206_1", "206_2", "207_1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed label file"),
        ("twelve", "malformed label file"),
        ("1,2", "malformed label file"),
        ("64", "value out of range"),
        ("-1", "value out of range"),
        ("nan", "value out of range"),
    ],
)
def test_a_wrong_label_file_is_told_and_costs_its_videos(raw, reading, text, reason):
    label(raw).write_text(text)
    read = reading(AVEC2014(), raw)
    assert read.rejects["Training/DepressionLabels/203_1_Depression.csv"].reason == reason
    assert read.reasons["video without label file"] == 2
    assert "203_1" not in {record.session for record in read.records.values()}


def test_label_files_that_disagree_cost_the_video_and_equal_ones_do_not(raw, reading):
    copy = raw / "labels" / label(raw).name
    copy.parent.mkdir()
    shutil.copy(label(raw), copy)
    assert reading(AVEC2014(), raw).rejects == {}
    copy.write_text("61\n")
    read = reading(AVEC2014(), raw)
    assert read.reasons == {"label files disagree": 2}
    assert "labels/203_1_Depression.csv" in read.rejects["203_1_Freeform"].detail


def test_what_a_name_does_not_say_is_told(raw, reading):
    video(raw).rename(video(raw).with_name("Freeform.mp4"))
    (raw / "holiday").mkdir()
    shutil.copy(video(raw, name="203_2"), raw / "holiday" / "209_1_Freeform_video.mp4")
    shutil.copy(video(raw, name="203_2"), raw / "Training" / "203_1_video.mp4")
    shutil.copy(video(raw, name="203_2"), raw / "Training" / "203_2_Freeform_copy.mp4")
    read = reading(AVEC2014(), raw)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "Training/Freeform/Freeform.mp4": "no subject and sitting in the name",
        "holiday/209_1_Freeform_video.mp4": "unknown split",
        "Training/203_1_video.mp4": "unknown task",
        "203_2_Freeform": "duplicate id",
    }


def test_a_damaged_video_is_told_and_the_others_are_kept(raw, reading):
    video(raw).write_bytes(video(raw).read_bytes()[:500])
    video(raw, name="203_2").write_bytes(b"")
    read = reading(AVEC2014(), raw)
    assert read.reasons == {"video cannot be opened": 2}
    assert len({record.video for record in read.records.values()}) == 12


def test_what_is_missing_is_named(tmp_path, reading):
    with pytest.raises(DataError, match=r"expected videos in Training/.*203_1_Freeform_video\.mp4; found none"):
        reading(AVEC2014(), tmp_path)
    with pytest.raises(ConfigError, match=r"no task named 'Freefrom' in AVEC2014.*did you mean 'Freeform'"):
        AVEC2014("Freefrom")
