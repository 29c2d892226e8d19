"""Other names for classes."""

import pytest

from fercli.datasets.readers.relabel import Relabel
from fercli.errors import ConfigError
from fercli.records import Record, Reject


def row(expression):
    return Record("a", "train", "a.png", expression=expression)


def test_a_class_gets_its_new_name_and_others_stay():
    relabel = Relabel({"PAIN": "happy", 7: "fear"})
    named = [relabel(row(name)).expression for name in ("PAIN", "pain", "7", "anger")]
    assert named == ["happiness", "pain", "fear", "anger"]  # the new name is the canonical one


def test_a_synonym_names_the_class_that_it_stands_for():
    assert Relabel({"happy": "joyful"})(row("happiness")).expression == Relabel({"a": "joyful"})(row("a")).expression


def test_new_names_are_not_renamed_again():
    relabel = Relabel({"x": "y", "y": "x"})
    assert [relabel(row(name)).expression for name in "xy"] == ["y", "x"]


def test_a_class_without_a_new_name_is_left_out_and_counted():
    left = Relabel({"unknown": None})(row("unknown"))
    assert isinstance(left, Reject)
    assert (left.reason, left.detail, left.expression) == ("class left out", "unknown", "unknown")


def test_a_row_without_a_class_stays_as_it_is():
    assert Relabel({"a": None})(row(None)) == row(None)


def test_a_name_that_no_row_has_is_named_in_printable_form():
    relabel = Relabel({"a": "b", "fera\x1b[2J": "b"})
    relabel(row("a"))
    relabel(row("fear\u202e"))
    with pytest.raises(ConfigError, match=r"class fera\\x1b\[2J, which no row has; choices: a, fear\\u202e"):
        relabel.require_found()
    Relabel(None).require_found()
