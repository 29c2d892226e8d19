import json
from dataclasses import replace

import pytest

from fercli.cli.cells import print_plan
from fercli.cli.cost import in_words, progress_in_words
from fercli.studies.cost import Cost, cost
from fercli.studies.grid import plan
from fercli.studies.study import StudyRow


@pytest.fixture
def fitted(planned):
    """One seed of two networks: one with a row of its own and two classifiers, one with a classifier alone."""
    rows = [
        {"label": "center", "overrides": ["method=center"]},
        {"label": "center, SVM", "overrides": ["method=center"], "classifier": "svm"},
        {"label": "center, linear", "overrides": ["method=center"], "classifier": "linear_svm"},
        {"label": "DDA, SVM", "overrides": ["method=dda"], "classifier": "svm"},
    ]
    study = replace(planned.study, rows=tuple(StudyRow(**row) for row in rows), seeds=(0,))
    return plan(study, planned.request)


def test_the_cost_says_where_it_comes_from(planned, finish):
    assert in_words(planned, cost(planned)) == "not known until one has run, or with --time in about 60 s"
    finish(planned.cells[0])
    words = "about 5 min, one at a time: 2 as long as their other seeds, 3 guessed to be as long as other rows"
    assert in_words(planned, cost(planned)) == words
    timed = {planned.cells[3].run.path.parent: 7200.0}
    assert "6.0 h, one at a time" in in_words(planned, cost(planned, timed))
    for cell in planned.cells[1:]:
        finish(cell)
    assert in_words(planned, cost(planned)) == "nothing is left to run"


def test_progress_says_how_much_is_done():
    nothing = Cost(0, 0, 0, 0, 0, 6, None)
    assert progress_in_words(nothing, 6) == "6 to run"
    assert progress_in_words(Cost(3, 1, 3, 0, 0, 0, 60.0), 3) == "3 done, 3 to run (1 of them begun)"


def test_what_a_classifier_takes_is_not_known(fitted, finish):
    finish(fitted.cells[0])
    fits = "classifiers, whose time is not known"
    assert in_words(fitted, cost(fitted)).endswith(f"1 guessed to be as long as other rows; and 3 {fits}")
    finish(fitted.cells[3].training)
    fitted.cells[1].result.path.mkdir(parents=True)
    fitted.cells[1].result.metrics.write_text("{}")
    assert in_words(fitted, cost(fitted)) == f"2 {fits}"


def test_the_plan_tells_trainings_from_classifiers(fitted, finish, capsys):
    finish(fitted.cells[0])
    print_plan(fitted, "1 at a time", json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "planned  4 rows x 1 seed = 4; 1 done, 1 to run, 3 classifiers after them"
    assert [line.split()[0] for line in lines[6:]] == ["done", "fit", "fit", "fit"]
    assert lines[7].endswith(str(fitted.cells[1].result.path))


def test_the_plan_says_what_is_done_and_what_the_rest_takes(planned, finish, capsys):
    finish(planned.cells[0])
    print_plan(planned, "1 at a time", json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "planned  2 rows x 3 seeds = 6; 1 done, 5 to run"
    assert lines[3].startswith("cost     about 5 min, one at a time")
    print_plan(planned, "1 at a time", json=True)
    assert json.loads(capsys.readouterr().out)["cost"]["seconds"] == pytest.approx(300)
