"""Names that others chose, from a raw folder and a table into rows."""

import csv
import shutil

from hypothesis import assume, given

from fercli.datasets.listing import DEBRIS
from fercli.datasets.readers.folder import Folder
from fercli.datasets.readers.table import LabelTable
from fercli.datasets.source import Source, is_inside
from fercli.errors import FercliError
from fercli.records import Record, Reject
from fercli.taxonomy import canonical
from tests.hostile import OBEYED, few, file_names, texts

COLUMNS = ("id", "expression", "subject", "video", "session", "gender", "race", "role")


def rows_of(reader, folder):
    """What is read; or a message, which is one that a terminal can show."""
    rows, said = [], ""
    try:
        rows = list(reader.read(Source(folder)))
    except FercliError as error:
        said = str(error)
    assert not OBEYED.search(said)
    return rows


@few
@given(texts)
def test_every_column_of_a_table_keeps_its_text(tmp_path, name):
    assume(name.strip() == name and "\r" not in name and name.lower() not in ("null", "na", "nan", "n/a"))
    (tmp_path / "a.png").touch()
    with open(tmp_path / "labels.csv", "w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([("image", "split", *COLUMNS), ("a.png", "train", *[name] * len(COLUMNS))])
    (row,) = rows_of(LabelTable(), tmp_path)
    written = dict.fromkeys(COLUMNS, name) | {"expression": canonical(name), "session": f"{name}/{name}"}
    assert {column: getattr(row, column) for column in COLUMNS} == written


@few
@given(texts)
def test_an_image_that_lies_elsewhere_is_never_read(tmp_path, name):
    (tmp_path / "raw").mkdir(exist_ok=True)
    (tmp_path / "x").touch()
    with open(tmp_path / "raw" / "labels.csv", "w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([("image", "expression"), (name, "fear")])
    for row in rows_of(LabelTable(), tmp_path / "raw"):
        assert isinstance(row, Reject)
        if name.strip() and not is_inside(name.strip()):
            assert row.reason in ("path outside the folder", "malformed row")


@few
@given(texts)
def test_a_column_of_any_name_can_be_given(tmp_path, name):
    (tmp_path / "a.png").touch()
    with open(tmp_path / "labels.csv", "w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows([("image", name), ("a.png", "fear")])
    rows = rows_of(LabelTable(), tmp_path)
    rows += rows_of(LabelTable(columns={"expression": f"{name}?"}), tmp_path)
    rows += rows_of(LabelTable(relabel={name: None}, columns={"expression": name}), tmp_path)
    rows += rows_of(LabelTable(columns={"expression": name}), tmp_path)
    assert {row.expression for row in rows if isinstance(row, Record)} <= {"fear"}


@few
@given(file_names, file_names)
def test_folders_and_files_of_any_name_are_rows(tmp_path, folder, file):
    assume(not DEBRIS.search(folder) and len(file.encode("utf-8", "surrogateescape")) < 250)
    raw = tmp_path / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    for split in ("train", "test"):
        (raw / split / folder).mkdir(parents=True)
        (raw / split / folder / f"a{file}.png").touch()
    rows = rows_of(Folder(), raw)
    assert [type(row) for row in rows] == [Record, Record]
    for row in rows:
        assert row.expression == canonical(folder)
        assert (raw / row.image).is_file()
