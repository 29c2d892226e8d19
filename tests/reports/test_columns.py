import pytest

from fercli.reports.columns import measured, metric_column
from fercli.reports.published import published


def test_fractions_become_percent_only_where_the_column_is_in_percent():
    assert measured("accuracy", 0.84) == pytest.approx(84)
    assert measured("mcc", 0.84) == 0.84
    assert measured("mae", 6.51) == 6.51


def test_an_unknown_metric_prints_under_its_name_and_marks_nothing():
    column = metric_column("new_score")
    assert (column.label, column.unit, column.higher_is_better) == ("new score", "", None)


def test_units_are_those_of_the_published_numbers():
    printed = {"percent": "%", "points": "points", "fraction": ""}
    for metric, unit in published()[["metric", "unit"]].drop_duplicates().itertuples(index=False):
        if metric_column(metric).higher_is_better is not None:
            assert metric_column(metric).unit == printed[unit], metric
