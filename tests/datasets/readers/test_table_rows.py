"""Tables from spreadsheets: separators and Excel workbooks."""

import datetime
import zipfile

import pytest

from fercli.datasets.readers.table import LabelTable
from fercli.datasets.readers.table_rows import table_rows
from fercli.datasets.source import Source
from fercli.errors import DataError

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is an extra")


def workbook(path, *rows, others=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in others:
        book.create_sheet(name)
    book.save(path)


@pytest.mark.parametrize(
    ("mark", "form"), [(",", "commas between the cells"), (";", "semicolons between the cells"), ("\t", "tabs between")]
)
def test_the_separator_is_found_and_told(tmp_path, mark, form):
    (tmp_path / "labels.csv").write_text(f"image{mark}score\na.png{mark}3\n")
    source = Source(tmp_path)
    assert [dict(row) for _, row in table_rows(source, "labels.csv", {})] == [{"image": "a.png", "score": "3"}]
    assert LabelTable().understood(source)["table"].partition(", ")[2].startswith(form)


def test_a_workbook_reads_as_its_csv_would(tmp_path):
    day = datetime.datetime(2024, 3, 1)
    header = ["Video", "Patient", "Date", "BDI", None]
    workbook(tmp_path / "x.xlsx", header, ["a.mp4", "007", day, 12.0], [], ["b.mp4", 8, day, 12.5], others=["items"])
    source = Source(tmp_path)
    rows = list(table_rows(source, "x.xlsx", {"score": "bdi", "subject": "patient"}))
    assert [(line, dict(row)) for line, row in rows] == [
        (2, {"video": "a.mp4", "subject": "007", "date": "2024-03-01", "score": "12"}),
        (4, {"video": "b.mp4", "subject": "8", "date": "2024-03-01", "score": "12.5"}),
    ]
    assert source.remarks == {"x.xlsx": "only its first sheet is read, not items"}


def test_the_workbook_itself_may_be_given_and_a_long_row_is_malformed(tmp_path, reading):
    workbook(tmp_path / "x.xlsx", ["image", "score"], ["a.png", 3], ["b.png", 3, 4])
    (tmp_path / "a.png").touch()
    read = reading(LabelTable(), tmp_path / "x.xlsx")
    assert list(read.records) == ["a.png"]
    assert list(read.reasons) == ["malformed row"]


def test_a_formula_is_not_computed(tmp_path):
    workbook(tmp_path / "x.xlsx", ["image", "score"], ["a.png", "=1+2"], ["b.png", '=HYPERLINK("http://x","3")'])
    rows = table_rows(Source(tmp_path), "x.xlsx", {})
    assert [row["score"] for _, row in rows] == [None, None]  # nothing has saved a value


def bomb(path, name, content):
    workbook(path, ["image", "score"], ["a.png", 3])
    with zipfile.ZipFile(path) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for own, data in (files | {name: content}).items():
            archive.writestr(own, data)


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (SHEET, HEAD + bytes(80 * 2**20), "unpacks to"),
        (SHEET, b"<worksheet", "x.xlsx in .* is damaged"),
        ("xl/workbook.xml", b"\x00", "x.xlsx in .* is damaged"),
    ],
    ids=["zeros", "cut", "no workbook"],
)
def test_a_hostile_workbook_is_one_message(tmp_path, name, content, told):
    bomb(tmp_path / "x.xlsx", name, content)
    with pytest.raises(DataError, match=told) as error:
        list(table_rows(Source(tmp_path), "x.xlsx", {}))
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_a_far_cell_takes_no_memory_without_end(tmp_path):
    cells = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (i, i) for i in range(1, 20_000))
    bomb(tmp_path / "x.xlsx", SHEET, HEAD + cells + b"</sheetData></worksheet>")
    with pytest.raises(DataError, match="unpacks to"):
        list(table_rows(Source(tmp_path), "x.xlsx", {}))
