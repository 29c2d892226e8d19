import numpy as np
import pytest

from fercli.scales import BDI_II
from fercli.screening.options import ScreeningOptions, Training
from fercli.screening.people import Scores
from fercli.screening.screen import screening_document
from fercli.screening.tables import about, screening_tables
from fercli.tables.markdown import to_markdown

SCORE = np.arange(0.0, 60, 2)
SCORES = Scores(SCORE, SCORE + np.tile([3.0, -3, 1], 10), np.arange(30), has_subjects=False)


@pytest.fixture(scope="module")
def document():
    return screening_document(SCORES, Training(SCORE, 29.0), BDI_II, ScreeningOptions((20,), 0.1))


def test_each_cut_off_is_a_block_with_the_prevalence_in_training(document):
    cutoffs, scores, bands = screening_tables(document)
    (block,) = cutoffs.blocks
    assert block.title == "BDI-II of 20 or more; prevalence in training: 66.7 %"
    cells = {row.label: row.cells for row in block.rows}
    assert cells["sensitivity (%)"]["value"].value == 95  # 20 - 3 rounds to 17
    assert cells["sensitivity (%)"]["constant"].value == 100
    assert "PPV at 10.0 %, as stated (%)" in cells
    assert len(scores.blocks[0].rows) == 6
    assert [row.label for row in bands.blocks[0].rows] == ["all people", *BDI_II.names]


def test_every_table_prints(document):
    text = "".join(map(to_markdown, screening_tables(document)))
    assert "29.0 points for everybody" in text
    assert "nan" not in text


def test_what_counts_as_one_score_is_said(document):
    assert about(document) == (
        "One score for each recording: the mean of the predictions for its rows. 30 recordings, people are not known."
    )
