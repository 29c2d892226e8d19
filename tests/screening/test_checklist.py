import numpy as np
import pytest

from fercli.scales import BDI_II
from fercli.screening.checklist import AUTHORS, checklist_table
from fercli.screening.options import BANDS_OF_THE_SCALE, Training
from fercli.screening.people import Scores
from fercli.screening.screen import screening_document
from fercli.screening.tripod import ITEMS


@pytest.fixture(scope="module")
def answers():
    scores = Scores(np.array([3.0, 30, 16]), np.array([5.0, 20, 17]), np.arange(3))
    result = {
        "screening": screening_document(scores, Training(np.array([10.0, 20]), 15.0), BDI_II, BANDS_OF_THE_SCALE),
        "protocol": {"split": "test", "split_rule": "by person", "selection": "holdout", "pretraining": "", "crop": ""},
        "method": "frame_regression",
        "backbone": "resnet18",
        "run_id": "1a2b",
        "seed": 0,
        "commit": "abc",
        "data": {"name": "avec2014"},
    }
    meta = {"title": "AVEC2014", "licence": "on request", "counts": {"train": {"scored": 9}}, "num_rejects": {"a": 2}}
    table = checklist_table(result, meta, BDI_II, "fercli train")
    return {row.label: row.cells["known"].text for block in table.blocks for row in block.rows}


def test_the_checklist_has_its_27_items_with_52_parts(answers):
    assert len({item.key.rstrip("abcdefg") for item in ITEMS}) == 27
    assert len(ITEMS) == len(answers) == 52
    assert {item.applies for item in ITEMS} == {"D", "E", "D;E"}


def test_fercli_says_what_it_knows_and_leaves_the_rest_to_the_authors(answers):
    assert answers["17"] == answers["3a"] == answers["26"] == AUTHORS
    assert "14 or more: 2 with, 1 without" in answers["20a"]
    assert "14 or more: 50.0 % in training, 66.7 % here" in answers["20c"]
    assert "pre-training not said; epoch chosen by: holdout" in answers["12c"]
    assert answers["11"].startswith("Rows left out in the preparation: 2.")
    assert "fercli train" in answers["22"]
    assert all(text.endswith(AUTHORS) for text in answers.values())
