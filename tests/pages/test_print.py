"""Pages on paper, printed by Chromium."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from fercli.figures.classes import confusion_matrix_figure
from fercli.figures.figure import NamedFigure
from fercli.pages.html import write_page
from fercli.pages.parts import Figures, Section
from fercli.tables.table import Block, Cell, Column, Row, Table
from tests.export.browser import FLAGS


def num_pages(page, folder):
    """Print a page; return the number of sheets."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    target = folder / "page.pdf"
    places = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", "--no-pdf-header-footer"]
    command = ["chromium", *FLAGS, *places, page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return len(re.findall(rb"/Type /Page\b(?!s)", target.read_bytes()))


def test_a_tall_figure_gets_no_sheet_of_its_own(tmp_path):
    classes = [f"class {i}" for i in range(8)]
    drawn = [
        NamedFigure(f"m{i}", "Confusion matrix", confusion_matrix_figure(np.eye(8, dtype=int), classes))
        for i in range(4)
    ]
    rows = [Row("a long name of a row in words " * 3, {"value": Cell(0.5), "p": Cell(text="0.041")}) for _ in range(8)]
    table = Table("Tests", [Column("value", "difference"), Column("p", "p")], [Block("", rows)])
    page = tmp_path / "page.html"
    write_page(page, "On paper", [Section("Tests", [table]), Section("Figures", [Figures(drawn)])])
    assert num_pages(page, tmp_path) == 3  # the table, and two sheets of two figures each
