from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fercli.errors import DataError
from fercli.inference.inputs import media
from fercli.inference.names import Names


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a/x.png", "b/x.png", "b/y"):
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / name, "PNG")
    (tmp_path / "notes.md").write_text("# no image")
    return tmp_path


def test_several_paths_patterns_and_folders_name_each_file_once(folder):
    assert list(media([folder / "a", folder / "b" / "y", folder / "a" / "x.png"]).values()) == ["a/x.png", "b/y"]
    assert list(media([folder / "?" / "*.png"]).values()) == ["a/x.png", "b/x.png"]
    assert list(media([folder / "b"]).values()) == ["x.png"]
    assert list(media([folder / "b" / "x.png"]).values()) == ["x.png"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("notes.md", "expected an image or a video, found .*notes.md: its name ends in '.md'"),
        ("nothing", "found none: it does not exist"),
        ("*.mp4", "no path matches this pattern"),
        ("https://example.org/a.mp4", r"\(https://example.org/a.mp4\); download it first"),
        ("-", "write standard input to a file first"),
        ("0", "--camera 0 reads a camera"),
        (".", "put --run before it"),
    ],
)
def test_what_is_no_image_is_refused_with_a_word(folder, monkeypatch, path, said):
    monkeypatch.chdir(folder)
    for name in ("config.yaml", "provenance.json"):
        (folder / name).touch()
    with pytest.raises(DataError, match=said):
        media([Path(path)])


def test_names_count_for_one_video_or_for_all_and_join_numbers(tmp_path):
    (tmp_path / "names.csv").write_text("person,name,source\nperson 1,Ann,\n2,Ann,\n1,Bob,b.mp4\n9,Cy,\n")
    names = Names.read(tmp_path / "names.csv")
    assert [names.of("a.mp4", number) for number in (1, 2, 3)] == ["Ann", "Ann", "person 3"]
    assert names.of("b.mp4", 1) == "Bob"
    assert names.unused == ["Cy"]


@pytest.mark.parametrize(
    "text", ["person,name\nAnn,1\n", "a,b\n1,2\n", "person,name\n1,Ann\n1,Bob\n", "person,name\n1,\n"]
)
def test_unclear_names_are_refused_with_their_line(tmp_path, text):
    (tmp_path / "names.csv").write_text(text)
    with pytest.raises(DataError, match=r"names.csv, line [23]"):
        Names.read(tmp_path / "names.csv")
    with pytest.raises(DataError, match="found none"):
        Names.read(tmp_path / "other.csv")
