import csv
import json
from pathlib import Path

import pytest

from fercli.pages.study import document, printed, write_report
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.fixtures.plans import SMALL

GOLDEN = Path(__file__).parent / "golden"


TWO_ROWS = SMALL | {"metrics": ["accuracy"], "rows": SMALL["rows"][:2]}


@pytest.fixture(scope="module")
def results_for(finish):
    """Of a request: DDA with 86, 87 and 88 %, center with 85 % three times; one column."""

    def finished(request):
        planned = plan(study_from("small", TWO_ROWS), request)
        for cell, accuracy in zip(planned.cells, (0.85, 0.85, 0.85, 0.86, 0.87, 0.88), strict=True):
            finish(cell, accuracy)
        return read_results(planned)

    return finished


@pytest.fixture
def results(results_for, request_for):
    """These results in a folder of the test, which may change it."""
    return results_for(request_for("rafdb"))


@pytest.fixture(scope="module")
def written(results_for, request_in, tmp_path_factory):
    """These results, and the page that was written of them once, for tests that change nothing."""
    found = results_for(request_in(tmp_path_factory.mktemp("study"))("rafdb"))
    return found, write_report(found)


def test_markdown_holds_all_tables(written):
    _, page = written
    assert (page.parent / "table.md").read_text() == (GOLDEN / "table.md").read_text()


@pytest.mark.parametrize("name", ["table", "claims", "pairs"])
def test_latex_holds_one_table_in_each_file(written, name):
    _, page = written
    assert (page.parent / f"{name}.tex").read_text() == (GOLDEN / f"{name}.tex").read_text()


def test_every_format_is_written(written):
    results, page = written
    assert page == results.plan.request.runs / "studies" / "small" / "report.html"
    names = {path.name for path in page.parent.iterdir()}
    assert names == {
        "table.md",
        *(f"{name}.{end}" for name in ("table", "claims", "pairs") for end in ("csv", "tex")),
        "table.json",
        "report.html",
        "SHA256SUMS",
        "figures",
    }
    drawn = {path.stem for path in (page.parent / "figures").iterdir()}
    assert drawn == {"confusion_matrix_1", "confusion_matrix_2"}
    with (page.parent / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["n"], row["published"]) for row in rows] == [
        ("center", "3", "86.25"),
        ("DDA", "3", "86.9"),
    ]


def test_the_document_leads_from_numbers_to_runs(written):
    results, page = written
    content = json.loads((page.parent / "table.json").read_text())
    assert content == document(results)
    assert content["fingerprints"] == {"rafdb": "fingerprint of rafdb"}
    assert (content["verdicts"], content["left_out"]) == ({"undecided": 1}, [])
    cell = content["cells"][3]
    assert (cell["row"], cell["seed"], cell["finished"]) == ("DDA", 0, True)
    assert cell["run"] in content["table"]["blocks"][0]["rows"][1]["cells"]["accuracy"]["sources"]


def test_a_terminal_shows_claims_or_where_there_are_none_pairs(results):
    assert [table.title for table in printed(results)][1:] == ["Claims of dda-dacl, Table 3.3"]
    silent = plan(study_from("small", TWO_ROWS | {"claims": []}), results.plan.request)
    assert [table.title for table in printed(read_results(silent))][1:] == ["Tests against center"]


def test_the_page_shows_tables_figures_protocol_and_where_each_run_lies(results):
    first, last = results.plan.cells[0].run, results.plan.cells[5].run
    (first.path / "report.html").write_text("")
    last.metrics.unlink()
    page = write_report(read_results(results.plan)).read_text()
    for part in (
        "1 of 6 planned cells have not finished.",
        "<caption><span>Losses on RAF-DB (dda-dacl, Table 3.3)</span></caption>",
        "<caption><span>Claims of dda-dacl, Table 3.3</span></caption>",
        "Confusion matrix: DDA (2 seeds together).",
        "<caption><span>Tests against center</span></caption>",
        "<dt>evaluated on</dt><dd>3,068 test samples</dd>",
        f'<a href="../../{first.path.parent.name}/seed0/report.html">report</a>',
        f'<a href="../../{last.path.parent.name}/seed2">seed2</a>',
        "not begun",
        "none yet: fercli eval",  # a finished run without a page
    ):
        assert part in page, part


def test_the_page_says_loudly_where_a_row_rests_on_a_single_seed(results):
    for cell in results.plan.cells[1:3]:
        cell.run.metrics.unlink()
    page = write_report(read_results(results.plan)).read_text()
    assert (
        '<p class="note">n = 1: a single run, its spread is unknown; no claim can rest on it. This holds for center.'
        in page
    )
