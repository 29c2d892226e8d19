"""What the owner of a data set may not have meant."""

import pytest

from fercli.datasets.source import Source
from fercli.preprocess.oddities import NO_LABEL, oddities
from fercli.records import Reject


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path)


def said(source, kept=None, rejects=()):
    return list(oddities(source, kept or {}, rejects))


def test_data_as_expected_is_not_remarked(source):
    assert said(source, {"train": {"fear": 3, "anger": 2}, "val": {"fear": 1}}) == []


@pytest.mark.parametrize("name", [*NO_LABEL, "NaN", " Unknown "])
def test_a_word_for_no_label_is_no_class(source, name):
    (line,) = said(source, {"train": {name: 1200, "fear": 5}, "val": {name: 34}})
    assert f"which may mean a missing label: {name} (1,234)" in line
    assert "relabel={" in line


def test_classes_that_differ_in_form_only_are_named_together(source):
    lines = said(source, {"train": {"Pain": 3, "PAIN ": 2, "fear": 1, "p-ain": 1, "+": 1, "*": 1}})
    assert len(lines) == 1
    assert "differ in form only: Pain (3), PAIN  (2), p-ain (1)" in lines[0]


def test_rows_and_files_that_do_not_meet_are_named_together(source):
    missing = [Reject(str(i), "train", "", "image file missing", f"x{i}.png") for i in range(2)]
    spare = [Reject("y.png", "", "", "image without label row")]
    (line,) = said(source, rejects=[*missing, *spare])
    assert line == (
        "2 rows name a file that is not there, such as x0.png, and 1 files have no row, such as y.png: "
        "compare the names"
    )
    assert said(source, rejects=missing) == said(source, rejects=spare) == []


def test_what_was_read_otherwise_is_told_with_its_first_example(source):
    source.remarks["labels\x1b.csv"] = "no UTF-8 from line 3 on; read as Windows-1252"
    source.count("names differ", "a\u202e for b")
    source.count("names differ", "c for d")
    assert said(source) == [
        r"labels\x1b.csv: no UTF-8 from line 3 on; read as Windows-1252",
        r"2 names differ, such as a\u202e for b",
    ]


def test_classes_are_shown_in_printable_form(source):
    lines = said(source, {"train": {"a\x1b[2J": 1, "A\x1b[2j": 1}})
    assert r"a\x1b[2J (1), A\x1b[2j (1)" in lines[0]
    assert "\x1b" not in lines[0]
