"""Every number carries its protocol: data sets say theirs, and studies name what differs from print on purpose."""

from dataclasses import replace

import pytest

from fercli.catalog import choices
from fercli.protocol import Protocol
from fercli.reports.published import DATA, published_data
from fercli.studies.differences import against
from fercli.studies.intended import NEVER
from fercli.studies.printed import published_number, published_protocol
from fercli.studies.study import load_study

OWN = ("folder", "table")  # of which the user says what they are


@pytest.mark.parametrize("name", choices("data"))
def test_every_data_set_says_what_its_numbers_are_measured_on(prepared_store, name):
    facts = prepared_store(name).meta["protocol"]
    assert facts["dataset"]
    assert name in OWN or facts["split_rule"]
    known = {"dataset", "version", "split_rule", "splits", "labels", "classes", "crop"}
    assert set(facts) <= known


@pytest.mark.parametrize("name", [name for name in choices("data") if published_data(name) in DATA.values()])
def test_a_data_set_is_called_as_in_print(prepared_store, name):
    assert DATA[prepared_store(name).meta["protocol"]["dataset"]] == published_data(name)


@pytest.mark.parametrize("name", choices("study"))
def test_a_difference_to_print_is_of_one_protocol_or_every_field_that_differs_is_named(planned_protocol, name):
    study = load_study(name)
    named = {entry.field for entry in study.intended}
    assert not named & set(NEVER)
    for row in study.trained:
        if row.published is None:
            continue
        measured = replace(planned_protocol(study, row), aggregation="mean")
        for metric in study.metrics:
            if published_number(study, row, metric) is None:
                continue
            printed = published_protocol(study, row, metric)
            found = against(study, measured, printed)
            differing = {field for field in Protocol.__slots__ if getattr(measured, field) != getattr(printed, field)}
            assert (measured.fingerprint == printed.fingerprint) == (not differing)
            assert found.compares <= (differing <= named)
            assert all(field.replace("_", " ") in found.note for field in differing)
