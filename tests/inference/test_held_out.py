import pytest

from fercli.inference.held_out import held_out


def recorded(selection="validation", **metrics):
    facts = {"label": "MAE", "unit": "points", "higher_is_better": False, "decimals": 2, "bounds": [0, None]}
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
    (one,) = held_out(recorded(accuracy=accuracy)).values()
    assert one.words() == "accuracy 62.5 % on 1,024 rows of AVEC 2014, test"
    assert not one.is_error


def test_rows_that_chose_the_epoch_are_not_held_out():
    one = held_out(recorded("reported split", mae={"value": 5.0}))["predicted_score"]
    assert one.words().endswith("; the epoch was chosen on these rows, so expect worse")


@pytest.mark.parametrize("metrics", [{}, {"ccc": {"value": 0.3}}])
def test_a_run_without_such_a_metric_has_none(metrics):
    assert held_out(recorded(**metrics)) == {}
