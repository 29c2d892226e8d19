from dataclasses import replace

import numpy as np
import pytest

from fercli.datasets.source import Source
from fercli.errors import ConfigError
from fercli.preprocess.plan import make_plan, parts
from fercli.records import DataInfo, Record, Reject
from fercli.scales import BDI_II, Scale, named

REMOVED = Reject("r", "train", "", "removed by the release", "\udce9")


def test_rows_that_no_store_can_hold_are_left_out_with_a_reason(plan_of, rows):
    bad = [
        rows[0],
        Record("x", "holdout", "1.png"),
        Record("y", "train", "1.png", expression="bored"),
        Record("z", "train", "1.png", votes=(1.0, 2.0)),
    ]
    own = Reject("r", "val", "", "image file missing")
    plan = plan_of([*rows, *bad, own])
    assert plan.records == tuple(rows)
    assert [(reject.id, reject.reason) for reject in plan.rejects] == [
        ("0", "duplicate id"),
        ("x", "unknown split"),
        ("y", "unknown label"),
        ("r", "image file missing"),
        ("z", "votes do not fit the classes"),
    ]


def test_zip_entries_outside_their_folder_are_left_out(plan_of, rows, monkeypatch):
    monkeypatch.setattr(Source, "refused", {"../evil.png": "zip entry outside its folder"})
    assert plan_of(rows).rejects[-1] == Reject("../evil.png", "", "", "zip entry outside its folder", "../evil.png")


def test_names_in_an_older_encoding_are_escaped(plan_of):
    plan = plan_of([Record("caf\udce9", "train", "caf\udce9.png", expression="é"), REMOVED], classes=None)
    assert plan.records[0] == Record("caf\\udce9", "train", "caf\udce9.png", expression="é")
    assert plan.rejects[0].detail == "\\udce9"


def test_classes_come_from_the_rows_where_the_reader_names_none(plan_of):
    rows = [Record(str(i), "train", "0.png", expression=word) for i, word in enumerate(["fear", "happiness", "fear"])]
    assert plan_of([*rows, Record("u", "train", "0.png")], classes=None).classes == ("happiness", "fear")


@pytest.mark.parametrize(("shard_rows", "sizes"), [(10, [10]), (9, [5, 5]), (4, [3, 3, 4]), (1, [1] * 10)])
def test_units_are_of_about_the_same_size_and_in_order(plan_of, rows, shard_rows, sizes):
    units = plan_of(rows).units(shard_rows)
    assert [len(unit) for unit in units] == sizes
    assert [row for unit in units for row in unit] == rows


def film(name, num_frames):
    return [Record(f"{name}/{i}", "train", f"{name}.avi", frame=i) for i in range(num_frames)]


@pytest.mark.parametrize(
    ("size", "unit_sizes", "part_sizes"),
    [
        (3, [5, 4, 3], [5, 4, 3]),
        (4, [5, 4, 3], [5, 4, 3]),
        (6, [9, 3], [9, 3]),
        (1, [5, 4, 1, 1, 1], [5, 4, 1, 1, 1]),
    ],
)
def test_a_video_is_never_cut(plan_of, rows, size, unit_sizes, part_sizes):
    everything = [*film("a", 5), *film("b", 4), *rows[:3]]
    plan = plan_of(everything)
    for pieces, sizes in ((plan.units(size), unit_sizes), (parts(everything, size), part_sizes)):
        assert [len(piece) for piece in pieces] == sizes
        assert [row for piece in pieces for row in piece] == everything


def test_parts_of_stills_are_as_large_as_asked_for(rows):
    assert [len(part) for part in parts(rows, 4)] == [4, 4, 2]
    assert parts([], 4) == []


def test_a_plan_without_rows_has_no_units(plan_of):
    assert plan_of([]).units(4) == []


@pytest.mark.parametrize(
    "change",
    [
        {"expression": "sadness"},
        {"valence": 0.5},
        {"image": np.zeros((2, 2), np.uint8)},
        {"landmarks": np.zeros((5, 2))},
        {"split": "val"},
    ],
)
def test_the_fingerprint_sees_every_field(plan_of, rows, change):
    changed = [replace(rows[0], **change), *rows[1:]]
    assert plan_of(rows).fingerprint == plan_of(rows).fingerprint != plan_of(changed).fingerprint


class Scored:
    """A reader of two scores, whose column may be named after a scale."""

    def __init__(self, **extra):
        self.info = DataInfo("scored", "Scored", "none", extra=extra)

    def read(self, source):
        yield from (Record(str(score), "train", f"{score}.png", score=score) for score in (27.0, 28.0))


def test_a_score_outside_of_the_scale_is_left_out(tmp_path):
    plan = make_plan(Scored(), Source(tmp_path), named("phq9"))
    assert [record.score for record in plan.records] == [27]
    assert [(r.reason, r.detail) for r in plan.rejects] == [
        ("value out of range", "expected PHQ-9, 0 to 27 points; found 28")
    ]
    assert plan.has_scores


def test_a_scale_that_cannot_be_meant_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"named after the PHQ-9, and the scale is the BDI-II; add scale=phq9"):
        make_plan(Scored(column_scale="phq9"), Source(tmp_path), BDI_II)
    make_plan(Scored(column_scale="phq9"), Source(tmp_path), Scale("PHQ-9, German", 27))  # somebody's own
    with pytest.raises(ConfigError, match=r"of Scored are of the BDI-II, not of the PHQ-8; leave out scale="):
        make_plan(Scored(scale="BDI-II"), Source(tmp_path), named("phq8"))
