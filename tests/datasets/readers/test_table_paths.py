import zipfile

import pytest

from fercli.datasets.readers.table import LabelTable
from fercli.datasets.readers.table_paths import likely_root, within
from fercli.datasets.source import Source


@pytest.fixture
def source(tmp_path):
    (tmp_path / "videos").mkdir()
    for name in ("videos/a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    return Source(tmp_path)


@pytest.mark.parametrize(
    ("path", "root", "inner"),
    [
        ("videos/a.mp4", None, "videos/a.mp4"),
        ("{folder}/videos/a.mp4", None, "videos/a.mp4"),
        ("/mnt/study/videos/a.mp4", "/mnt/study", "videos/a.mp4"),
        ("/mnt/study/videos/a.mp4", "/mnt/study/", "videos/a.mp4"),
        (r"D:\Study\videos\a.mp4", "d:/study", r"videos/a.mp4"),
        (r"\\server\share\a.mp4", r"\\server\share", "a.mp4"),
        ("/mnt/study/videos/a.mp4", None, None),
        ("/mnt/study2/a.mp4", "/mnt/study", None),
        ("/mnt/study/../../etc/passwd", "/mnt/study", None),
        ("{folder}/../a.mp4", None, None),
        ("/Mnt/study/a.mp4", "/mnt/study", None),  # capitals count outside of Windows
        ("..", "/", None),
    ],
)
def test_a_whole_path_lies_in_the_folder_or_in_the_named_root(source, path, root, inner):
    assert within(source, path.format(folder=source.path), root) == inner


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/mnt/study/videos/a.mp4", "/mnt/study"),
        (r"D:\study\videos\a.mp4", r"D:\study"),
        ("/b.mp4", "/"),
        ("/mnt/study/c.mp4", None),
    ],
)
def test_the_root_is_found_from_a_path_that_ends_in_a_file(source, path, root):
    assert likely_root(source, path) == root
    if root:
        assert source.exists(within(source, path, root))


def test_a_table_with_whole_paths_reads_its_files_by_short_ids(tmp_path, source, reading):
    rows = [f"{tmp_path}/videos/a.mp4;12", "/elsewhere/b.mp4;3", f"{tmp_path}/videos/gone.mp4;4"]
    (tmp_path / "labels.csv").write_text("\n".join(["video;score", *rows]))
    read = reading(LabelTable(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "videos/a.mp4": "video cannot be opened",  # it was found: it is empty
        "/elsewhere/b.mp4": "path outside the folder",
        "videos/gone.mp4": "video file missing",
        "b.mp4": "video without label row",
    }


def test_a_zip_has_no_folder_of_its_own(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.png", b"")
    assert within(Source(tmp_path / "x.zip"), f"{tmp_path}/a.png", None) is None
    assert within(Source(tmp_path / "x.zip"), "/data/a.png", "/data") == "a.png"
