import pytest

from fercli.config import compose, plain
from fercli.datasets.readers.table_columns import as_option, guessed


@pytest.mark.parametrize(
    ("columns", "holds_videos", "meant"),
    [
        (["Datei", "file", "emotion"], False, {"image": "file", "expression": "emotion"}),
        (["video", "Patient", "BDI", "visit"], True, {"score": "BDI", "subject": "Patient", "session": "visit"}),
        (["file", "phq-9", "sex"], True, {"video": "file", "score": "phq-9", "gender": "sex"}),
        (["image", "expresion"], False, {"expression": "expresion"}),
        (["image", "expression", "emotion", "comment"], False, {}),  # what is there needs no guess
        (["image", "session_notes", "item_1"], False, {}),
    ],
)
def test_what_columns_of_other_names_may_mean(columns, holds_videos, meant):
    assert guessed(columns, holds_videos) == meant


@pytest.mark.parametrize("column", ["bdi", "PHQ 9 (total)", "Prénom", "a,b", "{x}"])
def test_the_option_gives_the_column_back_when_it_is_typed(column):
    (typed, *_) = as_option({"subject": column}).split("' ")
    cfg = compose("preprocess", ["data=table", typed.strip("'")])
    assert plain(cfg)["data"]["reader"]["columns"] == {"subject": column}


def test_two_scores_are_questionnaires_by_their_scales_and_can_be_typed():
    told = as_option({"score": "BDI", "subject": "patient"}, ["BDI", "PHQ 9 (total)", "patient", "comment"])
    words = [word.strip("' ") for word in told.split("' '")]
    reader = plain(compose("preprocess", ["data=table", *words]))["data"]["reader"]
    assert reader["columns"] == {"subject": "patient"}
    assert reader["scores"] == {"bdi_ii": "BDI", "phq9": "PHQ 9 (total)"}


def test_a_score_names_its_scale():
    assert as_option({"score": "PHQ9"}) == "'data.reader.columns={score: PHQ9}' scale=phq9"
