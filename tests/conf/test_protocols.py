"""Every number carries its protocol: data sets say theirs, and studies name what differs from print on purpose."""

from dataclasses import replace
from functools import cache

import pytest

from fercli.catalog import choices
from fercli.protocol import Protocol
from fercli.published.data_sets import data_by_print, printed_name, published_data
from fercli.studies.differences import against
from fercli.studies.intended import NEVER
from fercli.studies.printed import published_number, published_protocol
from fercli.studies.study import load_study as load

load_study = cache(load)
OWN = ("folder", "table")  # of which the user says what they are
NAMED = [name for name in choices("data") if published_data(name) in data_by_print().values()]


@pytest.mark.parametrize("name", choices("data"))
def test_every_data_set_says_what_its_numbers_are_measured_on(prepared_store, name):
    facts = prepared_store(name).meta["protocol"]
    assert facts["dataset"]
    assert name in OWN or facts["split_rule"]
    known = {"dataset", "version", "split_rule", "splits", "labels", "classes", "crop"}
    assert set(facts) <= known


@pytest.mark.parametrize("name", NAMED)
def test_a_data_set_is_called_as_in_print(prepared_store, name):
    printed = prepared_store(name).meta["protocol"]["dataset"]
    assert printed_name(published_data(name)) == printed
    assert data_by_print()[printed] == published_data(name)


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


def pairs(planned_protocol, source):
    """What the trained rows of a source's studies are held against: their own printed numbers, and quoted ones."""
    for study in (load_study(name) for name in choices("study") if name.startswith(f"{source}/")):
        rows = {row.label: row for row in study.rows}
        against_own = [(row, row, metric) for row in study.trained for metric in study.metrics]
        quoting = ((claim, study.quoted(claim)) for claim in study.claims)
        against_quoted = [
            (rows[claim.worse if quoted.label == claim.better else claim.better], quoted, claim.metric)
            for claim, quoted in quoting
            if quoted is not None
        ]
        for row, printed_row, metric in against_own + against_quoted:
            if (printed := published_protocol(study, printed_row, metric)) is not None:
                yield study, replace(planned_protocol(study, row), aggregation="mean"), printed


@pytest.mark.parametrize("source", choices("intended"))
def test_what_a_source_intends_is_met_by_one_of_its_studies(planned_protocol, source):
    """Also on faces whose 68 landmarks dlib has found, which decide in which block the studies of He 2021 stand."""
    met, intended = set(), ()
    for study, measured, printed in pairs(planned_protocol, source):
        intended = study.intended
        for runs in (measured, replace(measured, landmarks="dlib, 68 points")):
            differing = runs.differences(printed)
            met |= {entry for entry in intended if entry.field in differing and entry.holds(*differing[entry.field])}
    assert met == set(intended)


def test_patches_at_landmarks_of_a_generic_face_are_not_held_against_print(planned_protocol):
    study = load_study("dlga_cnn/table_4")
    row = study.rows[-1]
    printed = published_protocol(study, row, "rmse")
    generic = replace(planned_protocol(study, row), aggregation="mean")
    assert generic.landmarks == "generic"
    assert against(study, generic, printed).not_intended == ("landmarks",)
    assert against(study, replace(generic, landmarks="dlib, 68 points"), printed).compares


@pytest.mark.parametrize("table", ["table_4_9", "table_4_9_clips"])
def test_runs_on_stills_and_on_clips_are_not_held_against_each_others_print(planned_protocol, table):
    """Lin 2021 does not say on which split it evaluates either."""
    study = load_study(f"crossmodal_gcn/{table}")
    for row in study.trained:
        if (printed := published_protocol(study, row, "accuracy")) is not None:
            refused = against(study, planned_protocol(study, row), printed).not_intended
            assert {"split", "split_rule"} <= set(refused)
