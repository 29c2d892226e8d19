import csv
from io import StringIO

import pytest

from fercli.tables.groups import group_tables, groups_csv, shown_metrics

FACTS = {"unit": "%", "higher_is_better": True, "decimals": 1, "bounds": [0, 1]}
FIRST = {
    "by": "gender",
    "group": "female",
    "unit": "subject",
    "metric": "accuracy",
    "num_samples": "30",
    "num_units": "15",
}
FIRST |= {"value": "0.5", "low": "0.4", "high": "0.6", "reason": ""}
SCORE = {"num_samples": 30, "num_units": 15}


def result(**changes):
    """A `metrics.json` with two groups by gender, one too small by site, and a gap."""
    female = {"accuracy": SCORE | {"value": 0.5, "low": 0.4, "high": 0.6}, "ece": SCORE | {"value": 0.1}}
    male = {"accuracy": SCORE | {"value": 0.75, "low": 0.7, "high": 0.8}, "ece": SCORE | {"value": 0.2}}
    small = {"num_samples": 5, "num_units": 5, "reason": "fewer than 20 samples"}
    counts = {"num_rows": 30, "num_units": 15}
    gap = {"worst": "female", "best": "male", "gap": 0.25, "low": 0.1, "high": 0.4, "p": 0.0004, "p_holm": 0.0008}
    by = {
        "gender": {
            "unit": "subject",
            "num_unknown": 2,
            "groups": {"female": counts | {"metrics": female}, "male": counts | {"metrics": male}},
            "gaps": {"accuracy": gap, "ece": {"worst": "male", "best": "female", "gap": 0.1}},
        },
        "site": {
            "unit": "row",
            "num_unknown": 0,
            "groups": {"=Oslo": {"num_rows": 5, "num_units": 5, "metrics": {"accuracy": small, "ece": small}}},
            "gaps": {},
        },
    }
    groups = {"fewest_samples": 20, "fewest_units": 10, "tested": ["accuracy"], "by": by}
    metrics = {
        "accuracy": {"label": "accuracy", "value": 0.625, "low": 0.6, "high": 0.7} | FACTS,
        "ece": {"label": "ECE", "value": 0.15} | FACTS | {"higher_is_better": False},
    }
    return {"metrics": metrics, "num_rows": 62, "groups": groups} | changes


def test_a_block_for_each_column_with_all_samples_first_and_a_dash_where_a_group_is_too_small():
    by_group, _ = group_tables(result())
    assert [block.title for block in by_group.blocks] == ["", "by gender; units: subjects", "by site; units: rows"]
    rows = {row.label: row.cells for block in by_group.blocks for row in block.rows}
    assert (rows["all"]["accuracy"].value, rows["all"]["samples"].value) == (62.5, 62)
    assert (rows["male"]["accuracy"].value, rows["male"]["accuracy"].low) == (75, 70)
    assert rows["not known"]["samples"].value == 2
    assert rows["=Oslo"]["accuracy"].value is None
    assert "fewer than 20 samples, or fewer than 10 units" in by_group.notes[0]


def test_a_tested_gap_has_its_interval_and_p():
    _, gaps = group_tables(result())
    ((row,),) = [block.rows for block in gaps.blocks]
    assert row.label == "accuracy (%) by gender: female and male"
    assert {name: cell.value for name, cell in row.cells.items()} == pytest.approx(
        {"worst": 50, "best": 75, "gap": 25, "p": 0.0004, "p_holm": 0.0008}
    )


def test_a_run_without_groups_has_no_table():
    without = {name: value for name, value in result().items() if name != "groups"}
    assert group_tables(without) == []


def test_tested_metrics_and_those_without_an_interval_are_shown():
    assert shown_metrics(result()["groups"]) == ["accuracy", "ece"]


def test_the_file_has_a_line_for_each_metric_of_each_group_and_runs_no_formula():
    lines = list(csv.DictReader(StringIO(groups_csv(result()))))
    assert len(lines) == 6
    assert lines[0] == FIRST
    assert (lines[-1]["group"], lines[-1]["reason"]) == ("'=Oslo", "fewer than 20 samples")
