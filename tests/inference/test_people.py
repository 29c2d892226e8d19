import csv

import numpy as np
import pytest

from fercli.inference.frames import Still
from fercli.inference.people import People
from fercli.inference.stream import FacePrediction
from fercli.preprocess.face import Face
from fercli.scales import BDI_II, Scale, named

FACE = Face((0.0, 0.0, 9.0, 9.0))
COLUMNS = ("predicted", "prob_fear", "prob_anger", "predicted_score")


def taken(*frames):
    """People of (source, person, outputs) at 10 frames a second; of a frame without a face, person None, a run may
    have predicted the middle."""
    people = People(COLUMNS, BDI_II)
    for i, (source, person, outputs) in enumerate(frames):
        face = None if person is None else FACE
        people.add(source, FacePrediction(Still(np.zeros((9, 9, 3), np.uint8), i, i / 10), person or 0, face), outputs)
    return people


def test_a_person_has_the_mean_of_each_output_over_the_frames_that_have_it():
    (row,) = taken(
        ("a.mp4", 0, {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4}),
        ("a.mp4", None, {"predicted": "anger", "prob_fear": 0.0, "prob_anger": 1.0, "predicted_score": 45.0}),
        ("a.mp4", 0, {"predicted": "anger", "prob_fear": 0.1, "prob_anger": 0.9, "predicted_score": 12.0}),
        ("a.mp4", 0, {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4, "predicted_score": 21.0}),
    ).rows()
    assert (row["source"], row["face"], row["frames"], row["start"], row["end"]) == ("a.mp4", 0, 3, 0.0, 0.3)
    assert row["prob_anger"] == pytest.approx(1.7 / 3)
    assert row["predicted"] == "anger"  # by the mean probability, though two of three frames say fear
    assert row["predicted_score"] == 16.5
    assert row["severity"] == "mild"


def test_people_and_videos_are_kept_apart():
    score = {"predicted_score": 10.0}
    rows = taken(("a.mp4", 0, score), ("a.mp4", 1, {"predicted_score": 30.0}), ("b.mp4", 0, score)).rows()
    assert [(row["source"], row["face"], row["predicted_score"]) for row in rows] == [
        ("a.mp4", 0, 10.0),
        ("a.mp4", 1, 30.0),
        ("b.mp4", 0, 10.0),
    ]


def test_the_table_has_a_column_for_every_output(tmp_path):
    taken(("a.mp4", 0, {"predicted": "fear", "prob_fear": 0.6, "prob_anger": 0.4})).write(tmp_path / "people.csv")
    (row,) = csv.DictReader((tmp_path / "people.csv").open())
    assert list(row) == ["source", "face", "frames", "start", "end", *COLUMNS, "severity"]
    assert (row["predicted"], row["predicted_score"]) == ("fear", "")


@pytest.mark.parametrize(("scale", "band"), [(named("phq9"), "moderately severe"), (Scale("own", 30), None)])
def test_the_band_is_that_of_the_scale(scale, band, tmp_path):
    people = People(COLUMNS, scale)
    still = Still(np.zeros((9, 9, 3), np.uint8), 0, 0.0)
    people.add("a.mp4", FacePrediction(still, 0, FACE), {"predicted_score": 17.2})
    assert people.rows()[0].get("severity") == band
    people.write(tmp_path / "people.csv")
    assert ("severity" in (tmp_path / "people.csv").read_text().splitlines()[0]) == (band is not None)
