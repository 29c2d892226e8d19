import numpy as np
import pytest

from fercli.metrics.divergence import diverged, diverged_in_words
from fercli.published.caveats import caveats
from fercli.published.flags import measured_flags
from fercli.scales import named

BDI = named("bdi_ii")  # 0 to 63 points


@pytest.mark.parametrize(
    ("name", "predicted", "said"),
    [
        ("score", [94.0, 96.0], "32 points outside of BDI-II, 0 to 63 points"),  # 31 and 33 above the scale
        ("score", [93.0, 95.0], ""),  # 31 on average: less than half of 63
        ("score", [-2422935201513472.0, 3.0], "1.21e+15 points outside of BDI-II, 0 to 63 points"),
        ("score", [20000.0, 63.0], "9,968 points outside of"),
        ("score", [0.0, 63.0], ""),
        ("score", [], ""),
        ("valence", [3.5, -3.0], "2.25 outside of -1 to 1"),
        ("arousal", [1.9, -1.9], ""),
    ],
)
def test_predictions_far_outside_of_their_range_are_said(name, predicted, said):
    found = diverged({f"predicted_{name}": np.array(predicted), name: np.zeros(len(predicted))}, BDI)
    if not said:
        assert found == ""
        return
    assert found.startswith(f"predicted {name}: {said}")
    assert "training has diverged; lower optimizer.lr" in found


def test_each_diverged_label_is_said():
    columns = {f"predicted_{name}": np.full(3, 1e6) for name in ("valence", "arousal", "score")}
    assert all(f"predicted {name}" in diverged(columns, BDI) for name in ("valence", "arousal", "score"))


def test_float16_predictions_do_not_overflow():
    assert diverged({"predicted_score": np.full(9, 60000, dtype=np.float16)}, BDI)


def test_the_page_says_it_first_and_tables_flag_it():
    result = {"method": "frame_regression", "protocol": {"budget": "full"}, "data": {"name": "synthetic_depression"}}
    assert not any("iverged" in note for note in caveats(result))
    assert caveats(result | {"diverged": "predicted score: ..."})[0] == "Diverged: predicted score: ...."
    assert diverged_in_words(result) == []
    assert measured_flags(1, None, None, diverged=True) == "diverged; one seed"
