import pandas as pd
import pytest

from fercli.errors import ConfigError, RunError
from fercli.facts import Facts, packaged_facts
from fercli.published.numbers import published
from fercli.tables.columns import facts_of_runs, measured, metric_column

OWN = Facts("own error", "points", higher_is_better=False, decimals=1, bounds=(0, None))


def test_fractions_become_percent_only_where_the_column_is_in_percent():
    assert measured("accuracy", 0.84) == pytest.approx(84)
    assert measured("mcc", 0.84) == 0.84
    assert measured("mae", 6.51) == 6.51
    assert measured("own", 6.51, {"own": OWN}) == 6.51


def test_a_column_is_what_the_metric_says_of_itself():
    column = metric_column("own", {"own": OWN})
    assert (column.key, column.label, column.unit) == ("own", "own error", "points")
    assert (column.higher_is_better, column.decimals) == (False, 1)


def test_no_direction_is_ever_guessed():
    for ask in (lambda: metric_column("acuracy"), lambda: measured("acuracy", 0.5)):
        with pytest.raises(ConfigError, match=r"nothing says unit and direction of the metric 'acuracy'; .*accuracy"):
            ask()
    with pytest.raises(ConfigError, match="'accuracy'"):
        metric_column("accuracy", {"own": OWN})


def test_units_are_those_of_the_published_numbers():
    printed = {"percent": "%", "points": "points", "fraction": "", "h": "h", "s": "s"}
    for metric, unit in published()[["metric", "unit"]].drop_duplicates().itertuples(index=False):
        assert metric_column(metric).unit == printed[unit], metric


def runs(*facts):
    return pd.DataFrame(
        [("own", f"runs/{i}", one) for i, one in enumerate(facts)], columns=["metric", "folder", "facts"]
    )


def test_runs_say_what_their_metrics_are():
    other = Facts("another label", "points", higher_is_better=False, decimals=3, bounds=(0, 63))
    found = facts_of_runs(runs(OWN, other), {"mae": packaged_facts()["mae"], "own": other})
    assert found == {"mae": packaged_facts()["mae"], "own": OWN}  # of the first run


@pytest.mark.parametrize(("unit", "upward"), [("points", True), ("%", False)])
def test_two_metrics_of_one_name_are_refused_with_both_places(unit, upward):
    other = Facts("own error", unit, upward, 1, (0, None))
    with pytest.raises(
        RunError, match="two metrics are named 'own': runs/0 says that lower is better, in points, and runs/1"
    ):
        facts_of_runs(runs(OWN, other))
    with pytest.raises(RunError, match=r"two metrics are named 'own': its yaml says .*rename one of them"):
        facts_of_runs(runs(OWN), {"own": other})
