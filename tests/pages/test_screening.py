import json
import re

import numpy as np
import pandas as pd
import pytest

from fercli.datasets.store import Store
from fercli.inference.external_run import evaluate_external
from fercli.pages.run import write_report
from fercli.screening.options import ScreeningOptions
from fercli.studies.verify import verify


@pytest.fixture(scope="module")
def page(recordings, tmp_path_factory):
    """Folder of predictions for the seven training people of the drawn recordings: half the score, and 12 points."""
    store, folder = Store(recordings), tmp_path_factory.mktemp("screening")
    rows = store.rows("train")
    frame = pd.DataFrame({"id": store.column("id")[rows], "score": 0.5 * store.column("score")[rows] + 12})
    frame.to_csv(folder / "theirs.csv", index=False)
    options = ScreeningOptions((20,), 0.1)
    found = evaluate_external(folder / "theirs.csv", store, "train", {}, folder / "runs", screening=options)
    return write_report(found.run).parent


def test_numbers_are_in_the_run_and_beside_its_page(page, recordings):
    document = json.loads((page / "metrics.json").read_text())["screening"]
    store = Store(recordings)
    rows = store.rows("train")
    sittings = dict(zip(store.sessions[rows], store.column("score")[rows], strict=True))
    score = np.array([*sittings.values()])
    (one,) = document["cutoffs"]
    assert one["prevalence"]["value"] == pytest.approx((score >= 20).mean())
    assert one["sensitivity"]["value"] == pytest.approx((0.5 * score + 12 >= 19.5)[score >= 20].mean())
    assert document["scores"]["mae"]["value"] == pytest.approx(np.abs(12 - 0.5 * score).mean(), rel=1e-5)
    numbers = pd.read_csv(page / "screening.csv")
    assert numbers.set_index(["row", "column"]).loc[("sensitivity (%)", "value"), "value"] == pytest.approx(
        100 * one["sensitivity"]["value"]
    )
    assert {"ROC", "net benefit"} <= set(pd.read_csv(page / "screening_curves.csv")["curve"])
    assert {finding.state for finding in verify(page)} == {"sound"}


def test_the_run_page_has_a_section_with_links_to_the_files(page):
    html = (page / "report.html").read_text()
    assert re.search(r"<h2>Screening</h2>", html)
    assert all(f'href="{name}"' in html for name in ("screening.html", "screening.md", "screening.csv"))


def test_page_and_markdown_hold_figures_and_checklist(page):
    html, text = (page / "screening.html").read_text(), (page / "screening.md").read_text()
    assert "TRIPOD+AI checklist" in html
    drawn = re.findall(r"\(figures/([a-z_]+\.png)\)", text)
    assert "bland_altman.png" in drawn
    assert all((page / "figures" / name).is_file() for name in drawn)
    assert text.count("to be said by the authors") == 52


def test_the_words_are_those_of_a_research_tool(page):
    text = (page / "screening.md").read_text().lower()
    assert "research only" in text
    assert "they are no diagnosis" in text
    assert not re.search(r"diagnosed|patients? (has|have|with)|suffer|depressed (person|people)", text)
