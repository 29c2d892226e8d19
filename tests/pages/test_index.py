import json
import re
import shutil

import pytest

from fercli.pages.index import write_index
from fercli.pages.study import write_report
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.fixtures.plans import SMALL


def words(page):
    text = re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]*>", " ", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def of_one_study(request_in, finish, tmp_path_factory):
    """The folder of runs in which one study has left its page."""
    planned = plan(study_from("small", SMALL), request_in(tmp_path_factory.mktemp("study"))("rafdb"))
    for cell in planned.cells[:4]:
        finish(cell)
    write_report(read_results(planned))
    return planned.request.runs


@pytest.fixture
def runs(of_one_study, tmp_path):
    """A copy of this folder, to be changed."""
    return shutil.copytree(of_one_study, tmp_path / "runs")


def test_the_page_leads_to_every_study(runs):
    page = write_index(runs)
    assert page == runs / "studies" / "index.html"
    assert '<a href="small/report.html">small</a>' in page.read_text()
    assert '<a href="small/table.md">tables</a>' in page.read_text()
    assert "small Losses on RAF-DB (dda-dacl, Table 3.3) rafdb full 4 of 6 1 undecided" in words(page)
    assert "cells 4 of 6 finished claims 0 confirmed, 0 refuted, 1 undecided" in words(page)


def test_a_study_that_the_user_changed_stands_beside_it_and_says_how(runs, small, request_for):
    changed = plan(study_from("small", small), request_for("rafdb", overrides=("optimizer.lr=0.1", "logger=none")))
    write_report(read_results(changed))
    page = write_index(runs)
    assert f'<a href="{changed.folder.name}/report.html">small</a>' in page.read_text()
    assert "small Losses on RAF-DB (dda-dacl, Table 3.3) rafdb" in words(page)
    assert "small Losses on RAF-DB (dda-dacl, Table 3.3), with optimizer.lr=0.1 rafdb" in words(page)


def test_studies_that_cannot_run_are_listed_with_what_they_lack(runs):
    page = write_index(runs, {"emotion_gcn/table_3_1": "expected 'affectnet' prepared in stores/affectnet"})
    assert "studies 1 of 2" in words(page)
    assert "emotion_gcn/table_3_1 expected &#39;affectnet&#39; prepared in stores/affectnet" in words(page)


def test_a_study_of_which_only_something_was_submitted_has_no_page_yet(runs):
    (runs / "studies" / "other").mkdir()
    (runs / "studies" / "other" / "submitted.json").write_text(json.dumps([]))
    assert "studies 1 of 1" in words(write_index(runs))


def test_what_an_older_version_left_has_fewer_words(runs):
    path = runs / "studies" / "small" / "table.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({key: content[key] for key in ("study", "data", "budget", "cells")}))
    assert "small rafdb full 4 of 6 none" in words(write_index(runs))


def test_without_any_study_there_is_an_empty_page(tmp_path):
    assert "studies 0 of 1" in words(write_index(tmp_path / "runs", {"demo": "no data"}))
