import numpy as np
import pytest

from fercli.metrics.affect import mae
from fercli.metrics.classification import accuracy, ece
from fercli.metrics.groups import Units, by_groups, recorded_values


def columns_of(num_units=30, rows_each=4, seed=0):
    """Predictions of two classes: each subject has a gender, and rows of two cameras; three rows have no camera."""
    generator = np.random.default_rng(seed)
    subject = np.repeat(np.arange(num_units), rows_each)
    probabilities = generator.dirichlet((2, 1), len(subject))
    camera = np.resize(["left", "right"], len(subject)).astype(object)
    camera[:3] = None
    return {
        "id": np.array([f"row{row}" for row in range(len(subject))], dtype=object),
        "subject": np.array([f"p{one}" for one in subject], dtype=object),
        "video": np.array([f"v{one}" for one in subject], dtype=object),
        "by gender": np.array(["female", "male", "male"], dtype=object)[subject % 3],
        "by camera": camera,
        "expression": (generator.random(len(subject)) < 0.3).astype(np.int64),
        "probabilities": probabilities,
        "score": subject % 20 + 1.0,
        "predicted_score": subject % 20 + generator.normal(size=len(subject)),
    }


@pytest.fixture
def metrics(make_metric):
    return {
        "accuracy": make_metric(accuracy, ["expression", "probabilities"]),
        "ece": make_metric(ece, ["expression", "probabilities"], has_interval=False, higher_is_better=False),
        "mae": make_metric(mae, ["score", "predicted_score"], per="video", higher_is_better=False),
    }


def test_each_group_has_the_metric_of_its_rows(metrics):
    columns = columns_of()
    found = by_groups(metrics, columns, ["gender", "camera"])["by"]
    rows = columns["by gender"] == "female"
    group = found["gender"]["groups"]["female"]
    assert (group["num_rows"], group["num_units"]) == (40, 10)
    right = columns["probabilities"].argmax(1) == columns["expression"]
    assert group["metrics"]["accuracy"]["value"] == pytest.approx(right[rows].mean(), rel=1e-12)
    assert group["metrics"]["accuracy"]["low"] < right[rows].mean() < group["metrics"]["accuracy"]["high"]
    assert "low" not in group["metrics"]["ece"]
    assert (found["camera"]["num_unknown"], found["camera"]["unit"]) == (3, "subject")


def test_a_group_that_is_too_small_has_a_reason_in_place_of_a_number(metrics):
    found = by_groups(metrics, columns_of(), ["gender"])["by"]["gender"]["groups"]
    assert found["female"]["metrics"]["mae"] == {
        "num_samples": 10,
        "num_units": 10,
        "reason": "fewer than 20 samples",
    }
    assert found["male"]["metrics"]["mae"]["num_samples"] == 20  # recordings, not rows
    few = by_groups(metrics, columns_of(num_units=24), ["gender"])["by"]["gender"]
    assert few["groups"]["female"]["metrics"]["accuracy"]["reason"] == "fewer than 10 units"
    assert "accuracy" not in few["gaps"]


def test_the_gap_is_between_the_worst_and_the_best_group_and_its_p_is_corrected(metrics):
    columns = columns_of(num_units=60)
    columns["predicted_score"] += 3.0 * (columns["by gender"] == "male")
    found = by_groups(metrics, columns, ["gender", "camera"])
    gap = found["by"]["gender"]["gaps"]["mae"]
    values = {name: one["metrics"]["mae"]["value"] for name, one in found["by"]["gender"]["groups"].items()}
    assert (gap["worst"], gap["best"]) == ("male", "female")
    assert gap["gap"] == pytest.approx(values["male"] - values["female"], rel=1e-12)
    assert gap["low"] < gap["gap"] < gap["high"]
    assert gap["p"] == pytest.approx(1 / 2000)
    assert gap["design"] == "groups of units"
    tests = [one["gaps"][name] for one in found["by"].values() for name in found["tested"] if name in one["gaps"]]
    assert found["tested"] == ["accuracy", "mae"]
    assert gap["p_holm"] == pytest.approx(len(tests) * gap["p"])
    assert found["by"]["camera"]["gaps"]["accuracy"]["design"] == "groups within units"
    assert "p" not in found["by"]["gender"]["gaps"]["ece"]


@pytest.mark.parametrize(
    ("by", "kind"), [("gender", "subject"), ("subject", "video"), ("session", "video"), ("subject+video", "row")]
)
def test_units_are_the_largest_that_groups_can_hold_several_of(by, kind):
    assert Units.of(columns_of(), by).kind == kind


def test_a_row_without_a_subject_is_a_unit_of_its_own():
    columns = columns_of() | {"subject": np.array([None, None, *["p"] * 118], dtype=object)}
    assert len(set(Units.of(columns, "gender").names)) == 3


def test_an_undefined_value_has_a_reason(make_metric):
    metric = make_metric(lambda *_: float("nan"), ["expression", "probabilities"])
    found = by_groups({"odd": metric}, columns_of(), ["gender"])["by"]["gender"]["groups"]
    assert found["male"]["metrics"]["odd"]["reason"] == "not defined for these rows"


def test_recorded_values_can_be_computed_again(metrics):
    columns = columns_of()
    recorded = by_groups(metrics, columns, ["gender"])
    again = recorded_values(recorded, columns)
    assert [what for what, _, _ in again] == ["female by gender", "male by gender"]
    for _, values, rows in again:
        for name, value in values.items():
            assert metrics[name](rows) == value
