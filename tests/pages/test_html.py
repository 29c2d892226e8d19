import re
from html.parser import HTMLParser

import numpy as np
import pytest

from fercli.facts import packaged_facts
from fercli.figures.figure import NamedFigure, new_figure
from fercli.pages.html import LinkTable, write_page, write_run_report
from fercli.tables.run import metrics_table, per_class_table

VOID = {"meta", "img", "br"}


def score(metric, **numbers):
    """An entry of metrics.json: numbers, and what the metric says of itself."""
    return numbers | packaged_facts()[metric].document()


class Balance(HTMLParser):
    """Fails on an end tag that does not close the last open one."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def assert_well_formed(html):
    parser = Balance()
    parser.feed(html)
    assert parser.open == []


@pytest.fixture
def report(tmp_path):
    metrics = metrics_table({"accuracy": score("accuracy", value=0.8423, low=0.83, high=0.854)})
    path = tmp_path / "seed0" / "report.html"
    per_class = per_class_table(np.array([[3, 1], [0, 2]]), ["fear", "anger"])
    figures = [
        NamedFigure("samples", "Samples <right>", new_figure(width=10)[0]),
        NamedFigure("recall", "Recall", new_figure()[0]),
    ]
    write_run_report(path, "DDA & center", {"seed": "0"}, metrics, per_class, figures, ["A <note>."])
    return path.read_text()


def test_a_run_report_is_one_well_formed_file_that_fetches_nothing(report):
    assert_well_formed(report)
    addresses = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', report)
    assert len(addresses) == 2
    assert all(address.startswith("data:image/svg+xml;base64,") for address, _ in addresses)
    assert not re.search(r"<script|<link|@import", report)


def test_a_run_report_shows_metrics_with_intervals_facts_classes_and_figures(report):
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", report, flags=re.DOTALL))
    for shown in ("accuracy (%) 84.23 83.00 to 85.40", "seed 0", "fear 4 75.0 [30.1, 95.4] 100.0", "Recall"):
        assert shown in text, shown


def test_words_are_escaped(report):
    assert "DDA &amp; center" in report
    assert "A &lt;note&gt;." in report
    assert 'alt="Samples &lt;right&gt;"' in report


def test_a_wide_figure_gets_a_line_of_its_own(report):
    assert report.count('<figure class="wide">') == 1
    assert report.count("<figure>") == 1


def test_light_and_dark_schemes_and_wide_tables_are_provided_for(report):
    assert "prefers-color-scheme: dark" in report
    assert '<div class="scroll">' in report


def test_a_page_shows_its_parts_in_order_and_leaves_out_what_is_empty(tmp_path, table):
    path = tmp_path / "study.html"
    write_page(
        path,
        "Table 3.1",
        notes=["n = 1"],
        tables=[table],
        figures={"Curves": [NamedFigure("loss", "Loss", new_figure()[0])], "Empty": []},
        below=[table],
        statement={"seeds": "0, 1, 2"},
        links=[LinkTable("Runs", ("row", "page"), [[("a & b", ""), ("seed 0", "a/seed0/report.html")]])],
    )
    html = path.read_text()
    assert_well_formed(html)
    parts = [
        "n = 1",
        "<caption>RAF-DB",
        "<h2>Curves</h2>",
        "<caption>RAF-DB",
        "<dt>seeds</dt><dd>0, 1, 2</dd>",
        "a &amp; b",
    ]
    at = 0
    for part in parts:
        at = html.index(part, at) + 1
    assert '<a href="a/seed0/report.html">seed 0</a>' in html
    assert "Empty" not in html
    assert not list(tmp_path.glob("*.tmp"))


def test_each_tile_has_the_digits_of_its_metric(tmp_path):
    scores = {"ccc": score("ccc", value=0.4786, low=0.4711, high=0.4857), "mae": score("mae", value=7.126)}
    metrics = metrics_table(scores)
    write_run_report(tmp_path / "report.html", "a", {}, metrics, None, [])
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", (tmp_path / "report.html").read_text()))
    assert "CCC 0.479 0.471 to 0.486" in text
    assert "MAE (points) 7.13 " in text


def test_a_table_marks_best_second_footnotes_and_blocks(table, tmp_path):
    write_page(tmp_path / "page.html", "tables", tables=[table])
    html = (tmp_path / "page.html").read_text()
    assert_well_formed(html)
    assert '<td class="right rank1"><span>85.31 ± 0.22 (3)</span></td>' in html
    assert '<td class="right rank2"><span>84.50 ± 0.30 (3)</span></td>' in html
    assert "<span>87.19 ± 0.25</span><sup>b</sup>" in html
    assert '<th colspan="6" scope="rowgroup">MS-Celeb weights</th>' in html
    assert "n = 1: a single run" in html
