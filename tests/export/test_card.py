import re

import pandas as pd
import pytest

from fercli.export.card_tables import tables_of
from fercli.scales import BDI_II

# One row has no label.
FRAME = pd.DataFrame(
    {
        "id": list("abcdefgh"),
        "expression": ["fear", "fear", "anger", "anger", "fear", "anger", None, "fear"],
        "predicted": ["fear", "fear", "anger", "fear", "fear", "fear", "fear", "fear"],
        "prob_fear": [0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9, 0.9],
        "prob_anger": [0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1],
    }
)


def rows_of(table):
    (block,) = table.blocks
    return {row.label: row.cells for row in block.rows}


def test_the_table_by_class_counts_the_labelled_rows():
    (by_class,) = tables_of(FRAME, BDI_II)
    assert {name: (cells["images"].value, cells["recall"].value) for name, cells in rows_of(by_class).items()} == {
        "fear": (4, 100.0),
        "anger": (3, pytest.approx(100 / 3)),
    }


def test_scores_are_shown_by_band_of_severity_one_number_a_recording():
    frame = pd.DataFrame(
        {
            "id": list("abc"),
            "expression": [None] * 3,
            "video": ["x", "x", "y"],
            "score": [5.0, 5.0, 40.0],
            "predicted_score": [6.0, 10.0, 30.0],
        }
    )
    (table,) = tables_of(frame, BDI_II)
    rows = rows_of(table)
    assert list(rows) == list(BDI_II.names)
    assert {name: cell.value for name, cell in rows["none or minimal"].items()} == {
        "num_videos": 1,
        "mae": 3,
        "rmse": 3,
        "bias": 3,
    }
    assert rows["severe"]["bias"].value == -10
    assert rows["mild"]["mae"].value is None


def test_a_card_says_what_the_run_recorded(exported):
    card = (exported.folder / "MODEL_CARD.md").read_text()
    recorded = exported.run.read_metrics()
    sections = re.findall(r"^## (.*)$", card, flags=re.MULTILINE)
    assert sections == [
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses",
        "Ethical considerations",
        "Caveats and recommendations",
    ]
    accuracy = recorded["metrics"]["accuracy"]
    shown = " ".join(f"{100 * accuracy[name]:.2f}" for name in ("value", "low", "high"))
    assert shown in card.replace("\\[", "").replace("\\]", "").replace(",", "")
    assert f"{recorded['num_rows']:,} labelled samples of the test split" in card
    assert "32 rows of the training split. License of the data: drawn by fercli" in card
    assert "No difference between groups of people was measured" in card
    assert "These faces are drawn" in card
    assert "One seed: the intervals do not contain the chance of another training" in card
    assert "not a diagnosis" not in card  # it predicts no severity
    assert f"- `model.onnx`: {exported.account.differences['model.onnx']:.1e}" in card
    assert re.search(r"\| contempt \| \d+ \| \d+ \| \d+ \|", card)
