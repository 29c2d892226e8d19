import json

import pytest

from fercli.facts import packaged_facts
from fercli.pages.study import write_report
from fercli.studies.aggregate import read_results
from fercli.studies.explain import explain
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from fercli.studies.tables import study_table
from fercli.tables.markdown import to_markdown
from fercli.tables.terminal import to_terminal
from tests.stores import reseal

SCORES = {
    "title": "Losses on AVEC2014",
    "source": "dj-ldml",
    "table": "layout",
    "data": "avec2014",
    "base": ["trainer.max_epochs=1", "metrics=[depression]"],
    "seeds": [0, 1],
    "metrics": ["rmse", "mae", "ccc"],
    "rows": [{"label": "serial", "overrides": []}],
}


@pytest.fixture
def results(request_for, finish):
    """Two seeds of one row, whose training recordings differ a little."""
    planned = plan(study_from("scores", SCORES), request_for("avec2014"))
    for cell, shift in zip(planned.cells, (0.0, 0.4), strict=True):
        finish(cell)
        content = json.loads(cell.run.metrics.read_text())
        content["metrics"] = {
            name: {"value": value} | packaged_facts()[name].document()
            for name, value in {"rmse": 9.0, "mae": 7.0, "ccc": 0.4}.items()
        }
        content["constant_predictor"] = {
            "mean": {"score": 15.0 + shift, "errors": {"mae": 10.0 + shift, "rmse": 12.0}},
            "median": {"score": 11.0, "errors": {"mae": 9.5, "rmse": 12.5}},
        }
        reseal(cell.run.path, **content)
    return read_results(planned)


def test_the_constant_predictor_stands_beside_the_methods(results):
    (block,) = study_table(results).blocks
    serial, mean, median = block.rows
    assert serial.label == "serial"
    assert mean.label == "training mean (15.0 to 15.4)"
    assert (mean.cells["mae"].value, mean.cells["rmse"].value) == pytest.approx((10.2, 12.0))
    assert "ccc" not in mean.cells
    assert median.label == "training median (11.0)"
    assert median.cells["mae"].value == 9.5
    assert mean.cells["mae"].notes == ("10.00 to 10.40: the runs differ in their recordings",)
    assert mean.cells["rmse"].notes == median.cells["mae"].notes == ()
    assert median.cells["mae"].sources == serial.cells["mae"].sources


def test_it_is_printed_in_every_format(results):
    table = study_table(results)
    page = write_report(results).read_text()
    for text in (" ".join(to_terminal(table, 160).split()), to_markdown(table), page):
        assert "training median (11.0)" in text


def test_it_is_no_row_of_the_study(results):
    assert [origin.seed for origin in explain(results, "serial", "mae").origins] == [0, 1]


def test_tables_of_other_metrics_have_none(small_plan, finish):
    finish(small_plan.cells[0])
    assert [row.label for row in study_table(read_results(small_plan)).blocks[0].rows] == ["center", "DDA"]
