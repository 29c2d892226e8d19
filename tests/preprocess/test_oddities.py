"""What the owner of a data set may not have meant."""

import pytest

from fercli.datasets.source import Source
from fercli.preprocess.oddities import NO_LABEL, oddities
from fercli.records import Reject


@pytest.fixture
def source(tmp_path):
    return Source(tmp_path)


def said(source, kept=None, rejects=(), without_class=()):
    names = {name for by_class in (kept or {}).values() for name in by_class}
    return list(oddities(source, kept or {}, rejects, sorted(names - set(without_class))))


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


def test_rows_without_a_class_are_no_suspicious_class(source):
    kept = {"train": {"unlabelled": 7, "scored": 2}, "val": {"unlabelled": 3}}
    assert said(source, kept, without_class=("unlabelled", "scored")) == []


def test_a_rare_class_with_nearly_the_name_of_a_frequent_one_may_be_misspelt(source):
    (line,) = said(source, {"train": {"happiness": 40, "happines": 1, "fear": 40}, "test": {"happines": 1, "fear": 1}})
    assert "may be misspelt: happines (2) for happiness (40); 'data.reader.relabel={happines: happiness}'" in line


@pytest.mark.parametrize(("name", "other"), [("happines", 3), ("sadness", 1), ("class 11", 1)])
def test_other_classes_are_not_called_misspelt(source, name, other):
    assert said(source, {"train": {"happiness": 40, "class 10": 40, name: other}}) == []


def test_a_class_that_is_only_evaluated_is_named_with_the_class_that_may_be_meant(source):
    (line,) = said(source, {"train": {"anger": 9, "fear": 9}, "test": {"angre": 2, "fear": 1, "joy": 1}})
    assert "without a training row: angre (2; misspelt for anger?), joy (1); no network can learn them" in line


def test_retrieval_is_evaluated_on_classes_of_its_own(source):
    assert said(source, {"train": {"crow": 9, "gull": 9}, "test": {"wren": 9, "tern": 9}}) == []


def test_many_classes_that_are_only_evaluated_are_summed_up(source):
    (line,) = said(source, {"train": {"fear": 9}, "test": {"fear": 9} | {f"{i}" * 5: 1 for i in range(14)}})
    assert "99999 (1)" in line
    assert "and 4 more; no network" in line
