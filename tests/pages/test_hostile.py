"""Names that others chose, in every form of a table, on pages and in figures."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings

from fercli.figures.classes import confusion_matrix_figure
from fercli.figures.figure import NamedFigure, Points
from fercli.pages.html import write_page
from fercli.pages.parts import Command, Facts, Figures, LinkTable, Section, Tiles
from fercli.tables.export import FORMATS, render
from fercli.tables.table import Block, Cell, Column, Row, Table
from tests.hostile import OBEYED, OF_ANY_BYTES, few, texts


def table_of(name):
    cells = {"a": Cell(1.0, notes=(name,), sources=(name,)), "b": Cell(text=name)}
    columns = [Column("a", name, unit=name), Column("b", "b")]
    return Table(name, columns, [Block(name, [Row(name, cells, notes=(name,))])], notes=[name])


@pytest.mark.parametrize("format", sorted({*FORMATS} - {"csv", "json"}))
@few
@given(texts)
def test_nothing_that_a_terminal_obeys_is_printed(format, name):
    assert not OBEYED.search(render(table_of(name), format))


@few
@given(texts)
def test_latex_has_no_command_of_a_name(name):
    commands = set(re.findall(r"\\(?:[A-Za-z]+|.)", render(table_of(name), "latex"), re.DOTALL))
    ours = set(re.findall(r"\\(?:[A-Za-z]+|.)", render(table_of("a"), "latex"), re.DOTALL))
    signs = {r"\textbackslash", r"\textasciitilde", r"\textasciicircum", r"\textless", r"\textgreater", "\\\n"}
    assert commands <= ours | signs | {r"\pm", r"\dagger", r"\rightarrow", *(f"\\{char}" for char in "&%$#_{}")}


@few
@given(texts)
def test_csv_and_json_give_the_name_back_and_no_formula(name):
    line, words = csv.DictReader(io.StringIO(render(table_of(name), "csv"), newline=""))
    assert words["text"] == words["row"] == line["row"]
    assert line["row"].removeprefix("'") == name.replace("\r", r"\r").removeprefix("'")
    assert not line["row"].startswith(("=", "+", "-", "@", "\t"))
    assert json.loads(render(table_of(name), "json"))["blocks"][0]["rows"][0]["label"] == name


@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_whose_name_is_no_utf_8_is_written_all_the_same(format):
    assert render(table_of(OF_ANY_BYTES), format).encode()


class Tags(HTMLParser):
    """Every start tag with the names of its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, [name for name, _ in attrs]))


def page_of(path, name, figures):
    parts = [
        Tiles([(name, name, name)], name),
        Facts({name: name}),
        table_of(name),
        Command(name),
        LinkTable(name, (name,), [[(name, "seed0/report.html")]]),
        Figures([NamedFigure("a", name, figure, Points(np.ones((1, 2)), [name])) for figure in figures]),
    ]
    write_page(path, name, [Section(name, parts), Section("b", [Facts({"a": "b"})])], [name])
    return path.read_text("utf-8")


@few
@given(texts)
def test_a_page_has_no_tag_of_a_name_and_nothing_that_turns_its_text(tmp_path, name):
    page = page_of(tmp_path / "page.html", name, [])
    assert Tags(page).found == Tags(page_of(tmp_path / "page.html", "a", [])).found
    assert not OBEYED.search(page)


@settings(few, max_examples=8)
@given(texts)
def test_a_figure_shows_a_name_as_text(tmp_path, name):
    pages = []
    for names in ([name, "fear"], ["a", "fear"]):
        figure = confusion_matrix_figure(np.eye(2, dtype=int), names)
        pages.append(page_of(tmp_path / "page.html", names[0], [figure]))
        assert not figure.axes[0].get_yticklabels()[0].get_parse_math()
    hostile, plain = ({tag for tag, _ in Tags(page).found} for page in pages)
    assert hostile == plain
    assert pages[0].count("<script") == 2
    assert not OBEYED.search(pages[0])
