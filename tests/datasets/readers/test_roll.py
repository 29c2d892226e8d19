"""Label rows in step with image files."""

import pytest

from fercli.datasets.readers.roll import Roll
from fercli.datasets.source import Source
from fercli.records import Record


@pytest.mark.parametrize(
    ("written_as", "file"),
    [
        ("faces\\a.png", "faces/a.png"),
        ("./faces/a.png", "faces/a.png"),
        ("faces/a b.PNG", "faces/a b.png"),
        ("faces/a%20b.png", "faces/a b.png"),
        ("Rene\u0301.png", "Ren\u00e9.png"),
        ("Ren\u00e9.png", "Rene\u0301.png"),
    ],
)
def test_names_that_differ_in_form_only_are_joined_and_counted(tmp_path, written_as, file):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    source = Source(tmp_path)
    found = Roll(source, [file]).enter(Record("a", "train", written_as))
    assert isinstance(found, Record)
    assert found.image == file
    assert list(source.tally.values()) == [(1, f"{written_as} for {file}")]


def test_names_that_share_their_form_are_not_guessed(tmp_path):
    for name in ("a.png", "A.png"):
        (tmp_path / name).touch()
    assert Roll(Source(tmp_path)).enter(Record("x", "train", "a.PNG")).reason == "image file missing"


def test_roll_finds_duplicates_missing_images_and_images_without_row(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        (tmp_path / name).touch()
    roll = Roll(Source(tmp_path), ["1.png", "2.png", "3.png"])
    entries = [
        roll.enter(Record(name, "train", image)) for name, image in [("a", "1.png"), ("a", "2.png"), ("b", "9.png")]
    ]
    assert isinstance(entries[0], Record)
    assert [(entry.id, entry.reason) for entry in entries[1:]] == [("a", "duplicate id"), ("b", "image file missing")]
    assert [(r.id, r.split, r.reason) for r in roll.without_row(str.upper)] == [
        ("3.png", "3.PNG", "image without label row")
    ]
