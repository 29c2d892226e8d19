import pytest

from fercli.catalog import choices
from fercli.config import compose
from fercli.inference.held_out import held_out


def recorded(selection="validation", **metrics):
    facts = {"label": "MAE", "unit": "points", "higher_is_better": False, "decimals": 2, "bounds": [0, None]}
    facts |= {"reads": ["score", "predicted_score"], "is_error": True}
    return {
        "data": {"name": "avec2014"},
        "protocol": {"dataset": "AVEC 2014", "split": "test", "selection": selection},
        "metrics": {name: facts | content for name, content in metrics.items()},
        "num_rows": 1024,
    }


def test_the_error_stands_with_its_interval_and_the_rows():
    (one,) = held_out(recorded(mae={"value": 7.914, "low": 6.8, "high": 9.1})).values()
    assert one.words() == "MAE 7.91 points (95 % interval 6.80 to 9.10) on 1,024 rows of AVEC 2014, test"
    assert one.is_error
    assert one.is_held_out


def test_what_the_interval_is_over_is_said():
    (one,) = held_out(recorded(mae={"value": 7.914, "low": 6.8, "high": 9.1, "units": {"subject": 9}})).values()
    assert one.words().startswith("MAE 7.91 points (95 % interval 6.80 to 9.10 over 9 subjects) on 1,024 rows")


def test_a_share_is_printed_in_percent_and_is_nothing_to_add():
    accuracy = {"value": 0.625, "label": "accuracy", "unit": "%", "decimals": 1}
    accuracy |= {"reads": ["expression", "probabilities"], "is_error": False, "is_share": True}
    (one,) = held_out(recorded(accuracy=accuracy)).values()
    assert one.words() == "accuracy 62.5 % on 1,024 rows of AVEC 2014, test"
    assert not one.is_error


def test_rows_that_chose_the_epoch_are_not_held_out():
    one = held_out(recorded("reported split", mae={"value": 5.0}))["predicted_score"]
    assert one.words().endswith("; the epoch was chosen on these rows, so expect worse")


def test_the_metric_says_what_it_is_shown_with_whatever_its_name():
    valence = {"value": 0.2, "reads": ["valence", "predicted_valence"]}
    found = held_out(recorded(ours={"value": 4.0}, mae={"value": 5.0}, distance=valence))
    assert {output: one.metric for output, one in found.items()} == {
        "predicted_score": "ours",
        "predicted_valence": "distance",
    }


def test_packaged_errors_are_those_of_all_rows():
    """Not those of a part of the recordings, of a clamped score or of one decoding."""
    marked = {}
    for name in choices("metrics"):
        for metric in compose("train", [f"metrics=[{name}]"]).metrics.items():
            marked |= {metric[0]: [*metric[1].reads]} if metric[1].get("is_error") else {}
    assert marked == {
        "mae": ["score", "predicted_score"],
        "mae_valence": ["valence", "predicted_valence"],
        "mae_arousal": ["arousal", "predicted_arousal"],
    }


@pytest.mark.parametrize("metrics", [{}, {"ccc": {"value": 0.3, "is_error": False}}])
def test_a_run_without_such_a_metric_has_none(metrics):
    assert held_out(recorded(**metrics)) == {}
