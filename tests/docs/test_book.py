"""What the book generates, and that its pages cover the methods and data sets."""

import posixpath
import re

import pytest

from docs.book.figure_list import figure_page, file_names
from docs.book.figures import DRAWN
from docs.book.generated import pages
from docs.book.markers import MARKER, expand
from docs.book.mathematics import to_mathml
from docs.book.navigation import reading_order, unfold
from docs.book.outside import CODE, LINK, page_of, relink
from docs.book.published import published_table
from docs.book.rooms import layers
from fercli.catalog import choices
from fercli.figures.run import SECTIONS
from tests.docs.commands import ROOT
from tests.figures.test_run import NAMED

DOCS = ROOT / "docs"
FILES = sorted(DOCS.rglob("*.md"))


def markers(folder):
    """The words of all markers of a folder of pages."""
    found = [MARKER.findall(page.read_text()) for page in sorted((DOCS / folder).glob("*.md"))]
    return [marker.split() for markers in found for marker in markers]


@pytest.mark.parametrize(("folder", "group"), [("methods", "method"), ("data", "data")])
def test_each_choice_is_on_one_page(folder, group):
    shown = [words[1] for words in markers(folder) if words[0] == "options" and words[1].startswith(f"{group}/")]
    assert sorted(shown) == [f"{group}/{name}" for name in choices(group)]


@pytest.fixture(scope="module")
def all_pages():
    made = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.*")]
    return {*made, *pages(), *(f"methods/figures/{name}.png" for name in DRAWN)}


def missing_targets(file, all_pages):
    """Targets of links of a page that are neither a page nor a file."""
    text = CODE.sub("", file.read_text())
    targets = [match["target"].partition("#")[0] for match in LINK.finditer(text)]
    inside = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    folder = posixpath.dirname(file.relative_to(ROOT).as_posix())
    paths = [posixpath.normpath(posixpath.join(folder, target)) for target in inside]
    return [path for path in paths if page_of(path) not in all_pages and not (ROOT / path).exists()]


@pytest.mark.slow
def test_links_lead_somewhere(all_pages):
    assert len(FILES) > 30
    found = {file: missing_targets(file, all_pages) for file in FILES}
    assert {file: paths for file, paths in found.items() if paths} == {}


def lost_formulas(file):
    """How many formulas of a page do not become MathML."""
    text = CODE.sub("", file.read_text())
    formulas = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    html = "".join(f'<div class="arithmatex">\\[{formula}\\]</div>' for formula in formulas)
    return len(formulas) - to_mathml(html).count("<math")


def test_formulas_become_mathml():
    found = {file: lost_formulas(file) for file in FILES}
    assert {file: number for file, number in found.items() if number} == {}


def test_a_formula_within_a_sentence():
    html = to_mathml('of <span class="arithmatex">\\(a &lt; b\\)</span> points')
    assert re.sub(r"<math[^>]*>", "<math>", html) == (
        "of <math><mrow><mi>a</mi><mo>&#x0003C;</mo><mi>b</mi></mrow></math> points"
    )


def test_a_folder_stands_for_its_pages():
    nav = ["*.md", {"How to": "how-to/"}, {"Numbers": "numbers/"}, {"Design": ["trust.md"]}]
    found = unfold(nav, ["how-to/train.md", "index.md", "trust.md", "how-to/index.md", "how-to/big-runs/slurm.md"])
    inside = ["how-to/index.md", "how-to/train.md", {"Big runs": ["how-to/big-runs/slurm.md"]}]
    assert found == ["index.md", {"How to": inside}, {"Design": ["trust.md"]}]


def test_pages_come_in_the_order_of_the_links_of_their_index():
    order = reading_order(
        {"how-to/index.md": "[b](b.md), `[a](a.md)`, [glossary](../glossary.md), [z](z.md#part), [b](b.md)"}
    )
    assert order == ["how-to/b.md", "glossary.md", "how-to/z.md"]
    pages = ["how-to/a.md", "how-to/b.md", "how-to/index.md", "how-to/z.md"]
    assert unfold(["how-to/"], pages, order) == [["how-to/index.md", "how-to/b.md", "how-to/z.md", "how-to/a.md"]]


def test_links_to_files_outside_become_links_to_pages():
    text = "[a](../../benchmarks/README.md#x), [b](dacl.md), `[c](d)`, [e](../../Makefile), ![f](../../data/tour/x.png)"
    assert relink(text, "docs/methods/dda.md", "methods/dda.md") == (
        "[a](../measurements.md#x), [b](dacl.md), `[c](d)`, e (`Makefile`), ![f](../tour/x.png)"
    )


def test_each_page_of_a_folder_is_in_its_index_with_its_title_and_first_paragraph():
    rows = expand("<!-- generate pages data -->").splitlines()[2:]
    assert len(rows) == len([*(DOCS / "data").glob("*.md")]) - 1
    assert any(row.startswith("| [RAF-DB](rafdb.md) | RAF-DB (basic part) holds photographs") for row in rows)
    assert all(row.count("](") == 1 and row.endswith(". |") for row in rows), (
        "a page begins with a title and a paragraph"
    )


def test_an_unknown_marker_is_an_error():
    with pytest.raises(ValueError, match="no generator named 'optoins'"):
        expand("<!-- generate optoins loss/dda -->")


def test_published_numbers_are_those_of_the_file():
    shown = published_table("dda-dacl", "Table 3.3", "DDA loss").splitlines()[2:]
    assert shown == ["| Table 3.3 | RAF-DB | DDA loss | accuracy 86.90 %, mean class accuracy 79.71 % |"]


def test_a_marker_of_published_numbers_that_finds_none_is_an_error():
    with pytest.raises(ValueError, match="no row of dda-dacl"):
        published_table("dda-dacl", "Table 9.9")


def test_layers_are_those_of_the_contract():
    assert layers()[0] == ["cli"]
    assert ["errors"] in layers()[-2:]


def test_the_packages_in_contributing_are_those_of_the_contract_in_its_order():
    rows = re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \|", (ROOT / "CONTRIBUTING.md").read_text().partition("| package |")[2], re.M
    )
    packages = [[name for name in layer if (ROOT / "fercli" / name).is_dir()] for layer in layers()]
    assert [re.findall(r"\w+", row) for row in rows] == [layer for layer in packages if layer]


def test_every_figure_of_a_run_is_listed_with_its_section():
    of_run, _, of_study = figure_page().partition("## Of a study")
    assert {f"`{name}`" for name in NAMED} <= set(re.findall(r"`\w+`", of_run))
    assert re.findall("^### (.*)$", of_run, re.M) == list(SECTIONS)
    assert {"`confusion_matrix_*`", "`affect_cosines`", "`embeddings`"} <= set(re.findall(r"`[\w*]+`", of_study))
    assert "| `reliability` | How far the confidence of a classifier can be trusted. | `PROBABILITIES` |" in of_run


def test_names_of_figures_are_found_in_what_a_function_calls():
    source = """
def of_run(run):
    yield NamedFigure("one", "", run)
    yield _inner(run)

def _inner(run):
    name = "two" if run else "three"
    return NamedFigure(name, "", run)

def other(run):
    return NamedFigure(f"four_{run}", "", run)
"""
    assert list(file_names(source, "of_run")) == ["one", "two", "three"]
    assert list(file_names(source, "other")) == ["four_*"]
