import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from fercli.figures.figure import NamedFigure, new_figure
from fercli.pages.html import write_page
from fercli.pages.parts import Command, Facts, Figures, LinkTable, Section, Tiles
from fercli.tables.per_class import per_class_table
from tests.tables.test_per_class import classified

VOID = {"meta", "img", "br"}


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


def words(html):
    text = re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def report(tmp_path):
    per_class = per_class_table(classified([[3, 1], [0, 2]]), ["fear", "anger"])
    figures = [
        NamedFigure("samples", "Samples <right>", new_figure(width=10)[0]),
        NamedFigure("recall", "Recall", new_figure()[0]),
    ]
    sections = [
        Section("Result", [Tiles([("accuracy (%)", "84.23", "83.00 to 85.40")], "Intervals."), per_class]),
        Section("Protocol", [Facts({"seed": "0"})]),
        Section("Examples", [Figures(figures)]),
        Section("Nothing", [Figures([])]),
        Section("Command", [Command("fercli train method=<dda>")]),
    ]
    path = tmp_path / "seed0" / "report.html"
    write_page(path, "DDA & center", sections, ["A <note>."])
    return path.read_text()


def test_a_page_is_one_well_formed_file_that_fetches_nothing(report):
    assert_well_formed(report)
    addresses = re.findall(
        r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', re.sub("<script>.*?</script>", "", report, flags=re.DOTALL)
    )
    assert addresses
    assert all(address.startswith(("#", "data:")) for pair in addresses for address in pair if address)
    assert not re.search(r"<script src|<link|@import", report)


def test_no_script_runs_but_that_of_the_page(report):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', report)[1].replace("&#39;", "'")
    (script,) = re.findall(r"<script>(.*?)</script>", report, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_contents_lead_to_every_section_that_is_not_empty(report):
    links = re.findall(r'<li><a href="#([^"]*)">([^<]*)</a></li>', report)
    assert [title for _, title in links] == ["Result", "Protocol", "Examples", "Command"]
    assert all(f'<section id="{place}">\n<h2>{title}</h2>' in report for place, title in links)


def test_a_page_shows_tiles_facts_tables_figures_and_the_command(report):
    text = words(report)
    for shown in ("accuracy (%) 84.23 83.00 to 85.40", "seed 0", "fear 4 75.0 [30.1, 95.4] 100.0", "Recall"):
        assert shown in text, shown
    assert '<pre class="command" tabindex="0"><code>fercli train method=&lt;dda&gt;</code></pre>' in report


def test_words_are_escaped(report):
    assert "DDA &amp; center" in report
    assert "A &lt;note&gt;." in report
    assert 'aria-label="Samples &lt;right&gt;"' in report


def test_a_wide_figure_gets_a_line_of_its_own(report):
    assert report.count('<figure class="wide">') == 1
    assert report.count("<figure>") == 1


def test_light_and_dark_schemes_and_wide_tables_are_provided_for(report):
    assert "prefers-color-scheme: dark" in report
    assert '<div class="scroll" tabindex="0" role="region" aria-label="per class">' in report
    assert "@media print" in report


def test_links_are_relative_and_words_escaped(tmp_path):
    path = tmp_path / "study.html"
    table = LinkTable("Runs", ("row", "page"), [[("a & b", ""), ("seed 0", "a/seed0/report.html")]])
    write_page(path, "Table 3.1", [Section("Runs", [table])])
    html = path.read_text()
    assert_well_formed(html)
    assert '<a href="a/seed0/report.html">seed 0</a>' in html
    assert "a &amp; b" in html
    assert not list(tmp_path.glob("*.tmp"))


def test_a_table_marks_best_second_footnotes_and_blocks(table, tmp_path):
    write_page(tmp_path / "page.html", "tables", [Section("Tables", [table])])
    html = (tmp_path / "page.html").read_text()
    assert_well_formed(html)
    assert '<td class="right rank1"><span>85.31 ± 0.22 (3)</span></td>' in html
    assert '<td class="right rank2"><span>84.50 ± 0.30 (3)</span></td>' in html
    assert "<span>87.19 ± 0.25</span><sup>b</sup>" in html
    assert '<th colspan="6" scope="rowgroup"><span>MS-Celeb weights</span></th>' in html
    assert "n = 1: a single run" in html
