import numpy as np
import pytest

from fercli.metrics.divergence import diverged, diverged_in_words, one_class
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
    assert caveats(result | {"one_class": "each of 60 ..."})[0] == "One class: each of 60 ...."
    assert measured_flags(2, None, None, one_class=True) == "one class"


def classified(expression, predicted, confidence, num_classes=7):
    """Columns of samples whose predicted class has this probability, and all others the same."""
    probabilities = np.full((len(expression), num_classes), (1 - confidence) / (num_classes - 1))
    probabilities[np.arange(len(expression)), predicted] = confidence
    return {"expression": np.asarray(expression), "probabilities": probabilities}


EACH = np.tile(np.arange(7), 30)  # 30 samples of each of seven classes
SKEWED = np.repeat(np.arange(7), [120, 30, 20, 15, 10, 10, 5])


@pytest.mark.parametrize("labels", [EACH, SKEWED])
def test_confident_classes_no_better_than_a_guess_are_said(labels):
    shuffled = np.random.default_rng(0).permutation(labels)
    for predicted in (np.zeros(210, dtype=int), np.random.default_rng(1).integers(0, 7, 210), shuffled):
        found = diverged(classified(labels, predicted, 1.0), BDI)
        assert found.startswith("predicted classes: log loss ")
        assert "guessing all 7 classes alike has 1.95" in found
        assert found.endswith("training has diverged; lower optimizer.lr")


@pytest.mark.parametrize("labels", [EACH, SKEWED])
@pytest.mark.parametrize(
    ("share_right", "confidence"),
    [
        (0.75, 1.0),  # logits that are hundreds apart, but right
        (0.2, 0.999),  # hardly better than chance, and sure of itself
        (0.0, 0.5),  # worse than chance, but not sure
    ],
)
def test_a_network_that_is_merely_too_sure_of_itself_has_not_diverged(labels, share_right, confidence):
    right = np.arange(210) % 100 < 100 * share_right
    columns = classified(labels, np.where(right, labels, (labels + 1) % 7), confidence)
    assert diverged(columns, BDI) == one_class(columns, "abcdefg") == ""


def test_few_or_unlabelled_samples_show_nothing():
    few = classified(EACH[:19], np.zeros(19, dtype=int), 1.0)
    none = classified(np.full(210, -1), np.zeros(210, dtype=int), 1.0)
    for columns in (few, none, {}, {"probabilities": few["probabilities"]}):
        assert diverged(columns, BDI) == one_class(columns, "abcdefg") == ""


@pytest.mark.parametrize("confidence", [0.15, 0.9])
def test_one_class_for_samples_of_several_is_said(confidence):
    columns = classified(EACH, np.full(210, 3), confidence)
    assert diverged(columns, BDI) == ""
    assert one_class(columns, "abcdefg").startswith(
        "each of 210 samples is predicted as d: the network tells no classes"
    )
    assert one_class(classified(np.full(210, 3), np.full(210, 3), confidence), "abcdefg") == ""  # and rightly so
    one_other = np.where(np.arange(210) == 5, 2, 3)
    assert one_class(classified(EACH, one_other, confidence), "abcdefg") == ""
