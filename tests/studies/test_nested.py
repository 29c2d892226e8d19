"""A nested search: each fold chooses its options on its own inner rows, and is reported with them on fresh seeds."""

import json
from dataclasses import replace

import pytest

from fercli.engine.folds import NESTED, cross_validation_id
from fercli.launch.search import Budget, run_search
from fercli.studies.nested import best_of, num_trainings, report_of, searches_of
from fercli.studies.trials import Trial
from tests.fixtures.searches import FunctionLauncher, options_of
from tests.launch.test_search import Report

pytest.importorskip("optuna", reason="optuna is an optional extra: pip install fercli[search]")

BASE = ["experiment=dda_dacl/rafdb", "folds=k_fold", "folds.k=3"]
OPTIONS = [{"optimizer.lr": rate, "trainer.batch_size": 128} for rate in (0.05, 0.02, 0.05)]


@pytest.fixture
def planned(searched):
    return searched(base=BASE)


def bests(options=OPTIONS):
    return [Trial(place, "finished", one, {0: 0.8}, {}) for place, one in enumerate(options)]


def test_each_fold_has_trials_of_its_own_that_are_trained_on_this_fold_alone(planned):
    found = searches_of(planned)
    assert [one.fold for one in found] == [1, 2, 3]
    assert [one.validation for one in found] == [f"an inner part of the training rows of fold {n}" for n in (1, 2, 3)]
    assert len({one.place for one in found}) == 3
    assert {one.folder for one in found} == {planned.folder}
    for one in found:
        cells = one.cells(bests()[0])
        assert [(cell.seed, cell.fold) for cell in cells] == [(0, one.fold), (1, one.fold)]
        assert all(f"folds.fold={one.fold}" in cell.overrides for cell in cells)
        assert {cell.run.path.parents[1] for cell in cells} == {one.place / "trials"}


def test_the_report_trains_the_winner_of_each_fold_on_this_fold_and_fresh_seeds(planned):
    report = report_of(searches_of(planned), bests(), [3, 3, 3])
    own, found = ([cell for cell in report.cells if cell.label == name] for name in ("center", "center, searched"))
    assert [(cell.seed, cell.fold) for cell in own] == [(cell.seed, cell.fold) for cell in found]
    assert {(cell.seed, cell.fold) for cell in found} == {(seed, fold) for seed in (2, 3, 4) for fold in (1, 2, 3)}
    assert all(options_of(cell)["optimizer.lr"] == OPTIONS[cell.fold - 1]["optimizer.lr"] for cell in found)
    assert {options_of(cell)["optimizer.lr"] for cell in own} == {0.01}
    (how,) = {word for cell in found for word in cell.overrides if word.startswith("search=")}
    assert how.startswith(f"search='{NESTED} ")
    assert how.endswith(": 3 trials x 2 seeds in each of 3 folds'")
    for one in report.joined:
        assert [cell.fold for cell in one.cells] == [1, 2, 3]
        assert {cell.label for cell in one.cells} == {one.label}
        assert {cell.seed for cell in one.cells} == {one.seed}
    assert [claim.better for claim in report.study.claims] == ["center, searched"]


def test_the_folds_of_other_winners_are_joined_elsewhere_and_each_training_says_where(planned):
    searches = searches_of(planned)
    reports = [report_of(searches, bests(OPTIONS[::step]), [3] * 3) for step in (1, -1)]
    other = report_of(searches, bests([OPTIONS[0], OPTIONS[0], OPTIONS[0]]), [3] * 3)
    places = [
        {one.run.path.parent for one in report.joined if one.label == "center, searched"}
        for report in (*reports, other)
    ]
    assert places[0] == places[1] != places[2]  # the first and the last fold have the same options
    assert all(len(one) == 1 for one in places)
    (word,) = {w for cell in other.cells for w in cell.overrides if w.startswith("search=")}
    config = {"search": word.partition("=")[2].strip("'"), "folds": {"fold": 2}}
    assert cross_validation_id(config, "data") == places[2].pop().name.rpartition("_")[2]


class OfFolds(FunctionLauncher):
    """Fold 2 is best at a large rate, the others at a small one; nothing finishes in the folds of `failing`."""

    def __init__(self, killed_at=None, failing=()):
        super().__init__(killed_at=killed_at)
        self.failing, self.rounds = failing, []

    def run_cells(self, plan, jobs, report):
        folds = sorted({cell.fold for cell in plan.missing})
        self.rounds.append(folds)
        for fold in folds:
            sign = -1 if fold == 2 else 1
            self.function = lambda options, seed, sign=sign: 0.8 - sign * options["optimizer.lr"]
            if fold not in self.failing:
                super().run_cells(replace(plan, cells=[c for c in plan.missing if c.fold == fold]), jobs, report)


def go(planned, launcher, trials=4, jobs=1):
    searches = [(one, one.trials()) for one in searches_of(planned)]
    run_search(searches, launcher, Budget(trials=trials), Report(), jobs)
    return searches


def test_all_folds_search_in_the_same_rounds_and_find_their_own_options(planned):
    launcher = OfFolds()
    searches = go(planned, launcher)
    assert launcher.rounds[0] == [1, 2, 3]
    tried = [[trial.options["optimizer.lr"] for trial in trials.all()] for _, trials in searches]
    found = [trial.options["optimizer.lr"] for trial in best_of([trials for _, trials in searches])]
    assert found == [min(tried[0]), max(tried[1]), min(tried[2])]
    assert [len(one) for one in tried] == [4, 4, 4]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_nested_search_goes_on_to_the_same_trials(planned, tmp_path, jobs):
    whole = [trials.all() for _, trials in go(planned, OfFolds(), jobs=jobs)]
    (tmp_path / "runs").rename(tmp_path / "whole")
    first, second = OfFolds(killed_at=5), OfFolds()
    with pytest.raises(KeyboardInterrupt):
        go(planned, first, jobs=jobs)
    assert [trials.all() for _, trials in go(planned, second, jobs=jobs)] == whole
    assert len(first.trained) + len(second.trained) == sum(len(trial.values) for one in whole for trial in one)


def test_a_fold_in_which_nothing_finishes_has_no_best(planned):
    found = [trials for _, trials in go(planned, OfFolds(failing=(3,)), trials=2)]
    assert [trials.best() is None for trials in found] == [False, False, True]
    assert best_of(found) is None


def test_the_number_of_trainings_is_said_before_anything_runs(planned, searched):
    assert num_trainings(searches_of(planned), 5) == (
        "at most 30 of trials (5 trials x 2 seeds x 3 folds); 18 to report (2 rows x 3 folds x 3 fresh seeds)"
    )
    assert num_trainings(searches_of(searched()), 1) == (
        "at most 2 of trials (1 trial x 2 seeds); 6 to report (2 rows x 3 fresh seeds)"
    )
    assert num_trainings(searches_of(planned), None).startswith("of trials: as many as the hours allow; 18 to report")


def test_json_of_a_trial_has_its_fold(planned):
    from fercli.pages.search import document
    from fercli.studies.trials_table import trials_csv, winners_table

    searches = go(planned, FunctionLauncher(), trials=1)
    found = json.loads(json.dumps(document(searches)))
    assert [one["fold"] for one in found["folds"]] == [1, 2, 3]
    assert [len(one["trials"]) for one in found["folds"]] == [1, 1, 1]
    lines = trials_csv(searches).splitlines()
    assert lines[0].startswith("fold,trial,state,optimizer.lr")
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "3"]
    table = winners_table(searches)
    assert [row.label for row in table.blocks[0].rows] == ["1", "2", "3"]
    assert {row.cells["optimizer.lr"].text for row in table.blocks[0].rows} == {"0.01"}
