"""What a raw folder holds, beside what `Source` makes of it."""

import os

import pytest

from fercli.datasets.listing import ABOVE, NOWHERE, files_in, wrapper
from fercli.errors import DataError


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))


def test_every_file_is_counted_once_with_its_size(tmp_path):
    names = ["a.png", "b/a.png", "b/a b.png", "b/line\nend.png", "b/\x1b[2J.png", os.fsdecode(b"b/Ren\xe9.png")]
    write(tmp_path, *names)
    sizes, refused = files_in(str(tmp_path))
    assert sizes == {name: len(name.encode("utf-8", "surrogateescape")) for name in sorted(names)}
    assert list(sizes) == sorted(names)
    assert refused == {}


def test_what_is_no_file_is_not_counted(tmp_path):
    write(tmp_path, "a.png", "__MACOSX/a.png", ".hidden/a.png", "b/Thumbs.db", "b/.DS_Store")
    os.mkfifo(tmp_path / "pipe.png")  # opening it would wait without end
    (tmp_path / "empty.png").mkdir()
    assert files_in(str(tmp_path)) == ({"a.png": 5}, {})


def test_two_links_into_one_pool_are_two_files_and_a_link_back_is_none(tmp_path):
    write(tmp_path, "pool/1.png")
    (tmp_path / "raw").mkdir()
    for split in ("train", "test"):
        os.symlink("../pool", tmp_path / "raw" / split)
    os.symlink("..", tmp_path / "raw" / "back")
    os.symlink("gone.png", tmp_path / "raw" / "1.png")
    sizes, refused = files_in(str(tmp_path / "raw"))
    assert sizes == {"test/1.png": 10, "train/1.png": 10}
    assert refused == {"1.png": NOWHERE, "back": ABOVE}


def test_a_folder_that_is_gone_is_named_in_printable_form(tmp_path):
    with pytest.raises(DataError, match=r"x\\x1b\[2J cannot be read \(No such file or directory\)"):
        files_in(str(tmp_path / "x\x1b[2J"))


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        ([], ""),
        (["a.png"], ""),
        (["happy/1.png", "happy/2.png"], ""),  # a class
        (["pain/1.png", "pain/2.mp4"], ""),  # a class that nobody here knows: it holds images and videos only
        (["archive/pain/1.png", "archive/fear/1.png"], "archive/"),
        (["a/b/c/labels.csv", "a/b/c/images/1.png"], "a/b/c/"),
        (["a/labels.csv", "ab/1.png"], ""),
    ],
)
def test_a_folder_around_everything_is_left_off_where_it_says_nothing(names, prefix):
    assert wrapper(names) == prefix
