import csv

import numpy as np
import pytest

from fercli.inference.frames import Still
from fercli.inference.held_out import held_out
from fercli.inference.people import SPANS, People, within
from fercli.inference.stream import FacePrediction
from fercli.preprocess.face import Face
from fercli.scales import BDI_II, Scale, named

FACE = Face((0.0, 0.0, 9.0, 9.0))
COLUMNS = ("predicted", "prob_fear", "prob_anger", "predicted_score")


MAE = {"value": 7.5, "low": 6.0, "high": 9.0, "label": "MAE", "unit": "points"}
MAE |= {"higher_is_better": False, "decimals": 2, "bounds": [0, None]}
MAE |= {"reads": ["score", "predicted_score"], "is_error": True}
ERRORS = held_out({"data": {"name": "toy"}, "metrics": {"mae": MAE}, "num_rows": 24})


def taken(*frames, errors=None):
    """People of (source, person, outputs) at 10 frames a second; of a frame without a face, person None, a run may
    have predicted the middle."""
    people = People(COLUMNS, BDI_II, errors)
    for i, (source, name, outputs) in enumerate(frames):
        face = None if name is None else FACE
        people.add(source, name, FacePrediction(Still(np.zeros((9, 9, 3), np.uint8), i, i / 10), 0, face), outputs)
    return people


def test_a_person_has_the_mean_of_each_output_over_the_frames_that_have_it():
    (row,) = taken(
        ("a.mp4", "Ann", {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4}),
        ("a.mp4", None, {"predicted": "anger", "prob_fear": 0.0, "prob_anger": 1.0, "predicted_score": 45.0}),
        ("a.mp4", "Ann", {"predicted": "anger", "prob_fear": 0.1, "prob_anger": 0.9, "predicted_score": 12.0}),
        ("a.mp4", "Ann", {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4, "predicted_score": 21.0}),
    ).rows()
    assert (row["source"], row["person"], row["frames"]) == ("a.mp4", "Ann", 3)
    assert (row["first_seen"], row["last_seen"], row["seconds_seen"]) == (0.0, 0.3, pytest.approx(0.3))
    assert row["prob_anger"] == pytest.approx(1.7 / 3)
    assert row["predicted"] == "anger"  # by the mean probability, though two of three frames say fear
    assert row["predicted_score"] == 16.5
    assert row["severity"] == "mild"


def test_a_score_stands_with_the_error_of_its_run_and_the_bands_that_it_reaches():
    score = {"predicted_score": 10.0}
    (row,) = taken(("a.mp4", "Ann", score), ("a.mp4", "Ann", score), errors=ERRORS).rows()
    assert row["predicted_score_error"] == 7.5
    assert row["severity_within_error"] == "none or minimal to mild"
    assert within(10.0, 7.5, BDI_II) == (2.5, 17.5)
    assert within(3.0, 7.5, BDI_II) == (0.0, 10.5)  # no score is below 0
    assert within(60.0, 7.5, BDI_II)[1] == 63.0


def test_who_is_away_for_long_is_not_seen_in_between():
    people = People(COLUMNS, BDI_II)
    for time in (0.0, 0.5, 1.0, 9.0, 9.5):
        people.add("a.mp4", "Ann", FacePrediction(Still(np.zeros((9, 9, 3), np.uint8), 0, time), 0, FACE), {})
    (row,) = people.rows()
    assert (row["first_seen"], row["last_seen"], row["seconds_seen"]) == (0.0, 9.5, 1.5)


def test_each_second_has_the_mean_of_its_scores():
    people = taken(*[("a.mp4", "Ann", {"predicted_score": float(i)}) for i in range(15)])
    assert [(row["second"], row["predicted_score"]) for row in people.seconds()] == [(0, 4.5), (1, 12.0)]


def test_people_and_videos_are_kept_apart():
    score = {"predicted_score": 10.0}
    rows = taken(("a.mp4", "Ann", score), ("a.mp4", "Bob", {"predicted_score": 30.0}), ("b.mp4", "Ann", score)).rows()
    assert [(row["source"], row["person"], row["predicted_score"]) for row in rows] == [
        ("a.mp4", "Ann", 10.0),
        ("a.mp4", "Bob", 30.0),
        ("b.mp4", "Ann", 10.0),
    ]


def test_the_tables_have_a_column_for_every_output(tmp_path):
    taken(("a.mp4", "Ann", {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4}), errors=ERRORS).write(tmp_path)
    (row,) = csv.DictReader((tmp_path / "people.csv").open())
    last = ("predicted_score_error", "severity", "severity_within_error")
    assert list(row) == [*SPANS, *COLUMNS, *last]
    assert (row["predicted"], row["predicted_score"]) == ("fear", "")
    assert (tmp_path / "over-time.csv").read_text() == "source,person,second,predicted_score\n"


@pytest.mark.parametrize(("scale", "band"), [(named("phq9"), "moderately severe"), (Scale("own", 30), None)])
def test_the_band_is_that_of_the_scale(scale, band, tmp_path):
    people = People(COLUMNS, scale)
    still = Still(np.zeros((9, 9, 3), np.uint8), 0, 0.0)
    people.add("a.mp4", "Ann", FacePrediction(still, 0, FACE), {"predicted_score": 17.2})
    assert people.rows()[0].get("severity") == band
    people.write(tmp_path)
    assert ("severity" in (tmp_path / "people.csv").read_text().splitlines()[0]) == (band is not None)
