import json
from dataclasses import replace

import pytest

from fercli.errors import ConfigError, RunError
from fercli.protocol import TRIAL
from fercli.runs.collect import LeftOut, read_run
from fercli.studies.nested import report_of, searches_of
from fercli.studies.search import plan_search
from fercli.studies.study import study_from
from fercli.studies.trials import Trial
from tests.fixtures.searches import SEARCHED, write_trained
from tests.stores import describe

pytest.importorskip("optuna", reason="optuna is an optional extra: pip install fercli[search]")

OPTIONS = {"optimizer.lr": 0.05, "trainer.batch_size": 256}


def trial(number=3, options=OPTIONS):
    return Trial(number, "finished", options, {0: 0.8, 1: 0.9}, {})


def test_a_trial_is_the_row_with_its_options_on_the_seeds_of_the_search(searched):
    planned = searched()
    cells = planned.cells(trial())
    assert [(cell.label, cell.seed) for cell in cells] == [("trial 3", 0), ("trial 3", 1)]
    for cell in cells:
        assert "optimizer.lr=0.05" in cell.overrides[cell.overrides.index("optimizer.lr=0.01") :]
        assert f"search='{TRIAL}'" in cell.overrides
        assert cell.run.path.parents[1] == planned.folder / "trials"


def test_options_go_before_those_of_a_short_budget(request_for):
    study = study_from("small", SEARCHED | {"smoke": ["trainer.batch_size=64"]})
    planned = plan_search(study, replace(request_for("rafdb"), budget="smoke"))
    (words, _) = (cell.overrides for cell in planned.cells(trial()))
    assert [word for word in words if word.startswith("trainer.batch_size=")][-1] == "trainer.batch_size=256"


def test_the_report_is_of_fresh_seeds_and_says_how_the_options_were_chosen(searched):
    planned = searched(seeds=(4, 1))
    report = report_of([planned], [trial()], [20])
    assert planned.fresh_seeds == (5, 6, 7)
    assert not {cell.seed for cell in report.cells} & {0, 1, 4}
    assert report.folder == planned.folder
    own, found = (
        {cell.run.path.parent for cell in report.cells if cell.label == name} for name in ("center", "center, searched")
    )
    assert len(own) == len(found) == 1
    marked = [cell for cell in report.cells if "search='search over 20 trials x 2 seeds'" in cell.overrides]
    assert [cell.label for cell in marked] == ["center, searched"] * 3
    assert [(claim.better, claim.worse) for claim in report.study.claims] == [("center, searched", "center")]


def test_as_many_fresh_seeds_as_the_search_has(searched):
    assert searched(seeds=(0, 1, 2, 3)).fresh_seeds == (4, 5, 6, 7)


def test_the_first_trial_has_the_options_of_the_row_where_they_are_in_the_space(searched):
    choices = {"trainer.batch_size": {"choices": [64, 128]}}
    both = searched(base=["experiment=dda_dacl/rafdb", "trainer.batch_size=128"]).first
    assert both == {"optimizer.lr": 0.01, "trainer.batch_size": 128}
    assert searched(search=choices, base=["experiment=dda_dacl/rafdb", "trainer.batch_size=96"]).first is None
    assert searched(search={"backbone": {"choices": ["resnet18", "resnet50"]}}).first == {"backbone": "resnet18"}


def test_the_value_is_that_of_validation_at_the_epoch_that_was_kept(searched):
    planned = searched()
    (cell, _) = planned.cells(trial())
    write_trained(cell, 0.7351, on_test=0.5)
    assert planned.value(cell.run) == 0.7351
    history = cell.run.path / "history.csv"
    history.write_text(history.read_text().replace("0.7351", "0.9351"))
    with pytest.raises(RunError, match=r"history.csv"):
        planned.value(cell.run)


def test_no_table_shows_a_trial(searched):
    (cell, _) = searched().cells(trial())
    write_trained(cell, 0.9)
    found = read_run(cell.run.path)
    assert isinstance(found, LeftOut)
    assert found.reason == TRIAL


@pytest.mark.parametrize("rule", ["paper", "last"])
def test_a_search_on_what_is_reported_is_refused(searched, rule):
    with pytest.raises(ConfigError, match=f"leaves no validation rows to search on: its rule is '{rule}'"):
        searched(overrides=(f"selection={rule}",))


@pytest.mark.parametrize("folds", [["folds=repeated"], ["folds=random_split"], ["folds=k_fold", "folds.seed=null"]])
def test_a_search_over_folds_that_each_seed_draws_anew_would_be_optimistic_and_is_refused(searched, folds):
    with pytest.raises(ConfigError, match=r"rows that a fresh seed evaluates.*folds\.seed=0"):
        searched(base=["experiment=dda_dacl/rafdb", *folds])


def test_a_search_in_one_random_split_leaves_its_evaluated_rows_apart(searched):
    planned = searched(base=["experiment=dda_dacl/rafdb", "folds=random_split", "folds.seed=0"])
    assert planned.validation == "an inner part of the rows that are not evaluated"
    assert searches_of(planned) == (planned,)
    with pytest.raises(ConfigError, match="leaves no validation rows"):
        searched(base=["experiment=dda_dacl/rafdb", "folds=random_split", "folds.seed=0", "selection=last"])


def test_which_rows_the_search_validates_on(searched, request_for, tmp_path):
    assert searched().validation == "held-out rows of the training split"
    counts = {"train": {"fear": 1}, "val": {"fear": 1}, "test": {"fear": 1}}
    request = request_for("rafdb")
    describe(tmp_path / "stores" / "rafdb", counts=counts)
    assert plan_search(study_from("small", SEARCHED), request).validation == "the validation split of the data set"


TWO = [*SEARCHED["rows"], {"label": "DDA", "overrides": ["method=dda"]}]
FITTED = [SEARCHED["rows"][0] | {"classifier": "svm"}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": TWO}, "expected --row with the row of study small to search: center; DDA"),
        ({"rows": TWO, "row": "DAD"}, "study small trains no row 'DAD'; did you mean 'DDA'"),
        ({"rows": FITTED}, "fits svm to the features of its run"),
        ({"search": {"optimizer.rl": {"low": 1, "high": 2}}}, "no option named 'optimizer.rl' in train"),
        ({"overrides": ("optimizer.lr=0.1",)}, "optimizer.lr= cannot be given to all trainings and searched"),
    ],
)
def test_what_cannot_be_searched_is_said_before_anything_runs(searched, changes, message):
    with pytest.raises(ConfigError) as error:
        searched(**changes)
    assert message in str(error.value)


def test_a_study_without_a_search_says_how_to_add_one(request_for):
    without = json.loads(json.dumps(SEARCHED))
    del without["search"]
    with pytest.raises(ConfigError, match="study small says nothing to search: add search: to its yaml"):
        plan_search(study_from("small", without), request_for("rafdb"))


def test_another_space_or_other_seeds_are_another_search(searched):
    narrow = {"optimizer.lr": {"low": 0.001, "high": 0.01, "log": True}}
    found = [searched(), searched(seeds=(0, 2)), searched(search=narrow), searched(overrides=("optimizer=adam",))]
    assert len({one.folder for one in found}) == 4
    assert searched().folder == found[0].folder
