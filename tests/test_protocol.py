"""Protocols: equal ones share a fingerprint, different ones say in which fields they differ."""

import re
from dataclasses import replace

import pytest

from fercli.protocol import FIELDS, Protocol

FULL = Protocol(**{name: f"some {name}" for name in FIELDS})


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_counts_in_the_fingerprint_and_in_the_differences(name):
    other = replace(FULL, **{name: "other"})
    assert other.fingerprint != FULL.fingerprint
    assert FULL.differences(other) == {name: (f"some {name}", "other")}


def test_equal_protocols_share_a_fingerprint_of_eight_digits():
    assert replace(FULL).fingerprint == FULL.fingerprint
    assert re.fullmatch("[0-9a-f]{8}", FULL.fingerprint)
    assert FULL.differences(replace(FULL)) == {}


def test_what_is_not_said_differs_from_what_is():
    assert Protocol("RAF-DB").differences(Protocol("RAF-DB", classes="7")) == {"classes": ("", "7")}


def test_a_protocol_is_read_from_a_row_with_other_columns_and_missing_fields():
    row = {"dataset": "RAF-DB", "classes": 7, "crop": None, "value": 3.0}
    assert Protocol.of(row) == Protocol("RAF-DB", classes="7")
