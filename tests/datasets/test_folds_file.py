import numpy as np
import pytest

from fercli.datasets.folds import LEFT_OUT
from fercli.datasets.folds_file import MISSING, REPEATED, UNKNOWN, FileFolds
from fercli.errors import DataError

CSV = "video,fold\nv0.mp4,1\nv1,2\nv2,10\n"


@pytest.fixture
def videos(write_store):
    """Four videos of two frames each."""
    return write_store([{"split": "train", "expression": "0", "video": f"v{i // 2}"} for i in range(8)])


def folds_of(tmp_path, text, name="folds.csv"):
    (tmp_path / name).write_text(text)
    return FileFolds(path=tmp_path / name)


def test_a_table_of_videos_gives_each_frame_its_fold_and_counts_the_rest(videos, tmp_path):
    found = folds_of(tmp_path, CSV + "v1,2\nnobody,2\n").assign(videos, 0)
    assert found.fold.tolist() == [1, 1, 2, 2, 3, 3, LEFT_OUT, LEFT_OUT]
    assert found.names == ("fold 1", "fold 2", "fold 10")
    assert found.left_out == {REPEATED: 1, UNKNOWN: 1, MISSING: 2}


def test_rows_can_be_named_by_id(videos, tmp_path):
    found = folds_of(tmp_path, "fold,id\nb,row0\na,row5\n").assign(videos, 0)
    assert [found.fold[0], found.fold[5], (found.fold == LEFT_OUT).sum()] == [2, 1, 6]


def test_a_folder_with_a_list_of_videos_for_each_fold_is_the_same_as_the_table(videos, tmp_path):
    lists = tmp_path / "lists"
    lists.mkdir()
    for name, text in (("1", "v0.mp4\n"), ("2", "v1\n\n"), ("10", " v2 \n")):
        (lists / f"{name}.txt").write_text(text)
    of_folder, of_table = FileFolds(path=lists), folds_of(tmp_path, CSV)
    assert (of_folder.assign(videos, 0).fold == of_table.assign(videos, 0).fold).all()
    assert of_folder.count(videos) == 3


def test_the_fingerprint_is_that_of_the_content(tmp_path):
    one, same = folds_of(tmp_path, CSV), folds_of(tmp_path, CSV, "another.csv")
    assert one.fingerprint == same.fingerprint != folds_of(tmp_path, CSV + "v3,1\n", "third.csv").fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CSV + "v0,3\n", "gives 'v0' the folds 1 and 3"),
        ("video,part\nv0,1\n", "expected the column fold and one of id, video, subject"),
        ("id,video,fold\na,b,1\n", "expected the column fold and one of"),
        ("video,fold\nv0,1\nv1,1\n", "fewer than two folds"),
        ("video,fold\nv0,1\nv1,\n", "1 lines without a name or a fold"),
        ("video,fold\nx,1\ny,2\n", "names no video of .* such as 'v0', found 'x'"),
        ("video,fold\nv0,1\nnobody,2\n", "no row of the store is in fold 2"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(videos, tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        folds_of(tmp_path, text).assign(videos, 0)


def test_a_file_that_is_not_there_is_named(videos, tmp_path):
    with pytest.raises(DataError, match=r"nothing\.csv; found none: name it with folds\.path="):
        FileFolds(path=tmp_path / "nothing.csv").assign(videos, 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="a text file for each fold"):
        FileFolds(path=tmp_path / "empty").count(videos)


def test_all_rows_of_a_fold_are_evaluated_by_one_training_each(videos, tmp_path):
    found = folds_of(tmp_path, CSV).assign(videos, 0)
    assert np.bincount(found.fold[found.fold > 0])[1:].tolist() == [2, 2, 2]
