import csv
import json
from pathlib import Path

import pytest

from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.report import document, write_report
from fercli.studies.study import study_from

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def results(small, request_for, finish):
    """DDA with 86, 87 and 88 %, center with 85 % three times; one column."""
    small |= {"metrics": ["accuracy"], "rows": small["rows"][:2]}
    planned = plan(study_from("small", small), request_for("rafdb"))
    for cell, accuracy in zip(planned.cells, (0.85, 0.85, 0.85, 0.86, 0.87, 0.88), strict=True):
        finish(cell, accuracy)
    return read_results(planned)


def test_markdown_holds_both_tables(results):
    assert (write_report(results).parent / "table.md").read_text() == (GOLDEN / "table.md").read_text()


def test_every_format_is_written(results):
    page = write_report(results)
    assert page == results.plan.request.runs / "studies" / "small" / "report.html"
    names = {path.name for path in page.parent.iterdir()}
    assert names == {"table.md", "table.tex", "table.csv", "claims.csv", "table.json", "report.html"}
    with (page.parent / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["n"], row["published"]) for row in rows] == [
        ("center", "3", "86.25"),
        ("DDA", "3", "86.9"),
    ]


def test_the_document_leads_from_numbers_to_runs(results):
    content = json.loads((write_report(results).parent / "table.json").read_text())
    assert content == document(results)
    assert content["fingerprints"] == {"rafdb": "fingerprint of rafdb"}
    cell = content["cells"][3]
    assert (cell["row"], cell["seed"], cell["finished"]) == ("DDA", 0, True)
    assert cell["run"] in content["table"]["blocks"][0]["rows"][1]["cells"]["accuracy"]["sources"]


def test_the_page_shows_tables_pictures_and_what_is_missing(results):
    (results.plan.cells[0].run.path / "report.html").write_text("")
    results.plan.cells[5].run.metrics.unlink()
    page = write_report(read_results(results.plan)).read_text()
    assert "Confusion matrix: DDA." in page
    assert "1 of 6 trainings have not finished." in page
    assert f'href="../../{results.plan.cells[0].run.path.parent.name}/seed0/report.html"' in page
