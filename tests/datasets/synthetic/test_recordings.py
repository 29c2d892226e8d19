import numpy as np
import pytest

from fercli.datasets.synthetic.recordings import TASKS, sittings, write_avec2013, write_avec2014
from fercli.datasets.video import probe
from fercli.errors import ConfigError

SMALL = {"num_subjects": 5, "num_frames": 3, "size": 32}


def test_sittings_cover_all_scores_in_every_split_and_no_subject_is_in_two():
    drawn = sittings(48)
    splits = {split: [sitting for sitting in drawn if sitting.split == split] for split in ("train", "val", "test")}
    assert [len(members) for members in splits.values()] == [39, 13, 12]
    for members in splits.values():
        scores = [sitting.score for sitting in members]
        assert (min(scores), max(scores)) == (0, 45)
        assert np.diff(sorted(scores)).max() <= 5
        assert scores != sorted(scores)
    subjects = [{sitting.subject for sitting in members} for members in splits.values()]
    assert sum(map(len, subjects)) == len(set.union(*subjects)) == 48
    assert len({sitting.id for sitting in drawn}) == len(drawn) == 64


def test_a_seed_gives_other_scores():
    assert sittings(10, 0) == sittings(10, 0) != sittings(10, 1)


def test_too_few_subjects():
    with pytest.raises(ConfigError, match="at least 5; found 4"):
        sittings(4)


def test_avec2014_has_two_videos_and_one_label_file_of_a_sitting(tmp_path):
    written = write_avec2014(tmp_path, **SMALL)
    assert (tmp_path / "Training" / "Freeform" / "203_1_Freeform_video.mp4").is_file()
    assert (tmp_path / "Testing" / "Northwind" / "207_1_Northwind_video.mp4").is_file()
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.mp4")}
    assert files == {video.file for video in written}
    assert len(written) == 2 * len(list(tmp_path.rglob("*_Depression.csv"))) == 14
    for video in written:
        assert len(video.landmarks) == probe(tmp_path / video.file).num_frames
        label = tmp_path / video.file.split("/")[0] / "DepressionLabels" / f"{video.sitting.id}_Depression.csv"
        assert int(label.read_text()) == video.sitting.score
        assert video.id == f"{video.sitting.id}_{video.file.split('/')[1]}"
    assert {video.file.split("/")[1] for video in written} == set(TASKS)


def test_the_two_tasks_of_a_sitting_differ(tmp_path):
    first, second, *_ = write_avec2014(tmp_path, **SMALL)
    assert first.sitting == second.sitting
    assert np.abs(first.landmarks[0] - second.landmarks[0]).max() > 0.1


def test_the_same_options_give_the_same_files(tmp_path):
    for name in "ab":
        write_avec2013(tmp_path / name, **SMALL)
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*")]
    assert len(files) == 14
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)
