import json
import shutil
from dataclasses import replace

import pytest

from fercli.errors import ConfigError, RunError
from fercli.facts import packaged_facts
from fercli.launch.record import Submitted, add, mark_cancelled
from fercli.launch.search import Budget, run_search
from fercli.launch.status import CellStatus
from tests.fixtures.searches import FunctionLauncher, best_at_a_hundredth, options_of, write_trained

pytest.importorskip("optuna", reason="optuna is an optional extra: pip install fercli[search]")


class Report:
    """Keeps what a search tells."""

    by_hand = False

    def __init__(self):
        self.trials = []

    def told(self, search, trials, trial):
        self.trials.append((trial.number, trial.state))

    def begun(self):
        pass

    def ended(self, finished):
        pass

    def ran(self, finished):
        pass

    def written(self, paths, steps):
        self.by_hand = True

    def submitted(self, entries, num_queued):
        pass


@pytest.fixture
def go(searched):
    """Search with a launcher and a budget; give the trials, and what was told."""

    def go(launcher, budget=None, jobs=1, planned=None, **options):
        planned = planned or searched()
        trials, report = planned.trials(), Report()
        run_search([(planned, trials)], launcher, budget or Budget(trials=4), report, jobs, **options)
        return trials.all(), report.trials

    return go


def options(trials):
    return [dict(trial.options) for trial in trials]


def test_a_search_makes_so_many_trials_and_finds_what_is_better(go, searched):
    launcher = FunctionLauncher()
    trials, told = go(launcher, Budget(trials=7))
    assert [trial.number for trial in trials] == [*range(7)]
    assert launcher.trained[:4] == [("trial 0", 0), ("trial 0", 1), ("trial 1", 0), ("trial 1", 1)]
    assert told[:2] == [(0, "unfinished"), (0, "finished")]
    for trial in trials:
        expected = [best_at_a_hundredth(trial.options, seed) for seed in trial.values]
        assert list(trial.values.values()) == pytest.approx(expected)
    finished = [trial for trial in trials if trial.state == "finished"]
    assert searched().trials().best() == max(finished, key=lambda trial: trial.mean)


def test_a_larger_budget_goes_on_and_the_same_one_does_nothing(go):
    few, _ = go(FunctionLauncher(), Budget(trials=3))
    again = FunctionLauncher()
    assert go(again, Budget(trials=3)) == (few, [])
    assert again.trained == []
    more = FunctionLauncher()
    trials, _ = go(more, Budget(trials=5))
    assert trials[:3] == few
    assert {label for label, _ in more.trained} == {"trial 3", "trial 4"}


@pytest.mark.parametrize(("jobs", "killed_at"), [(1, 0), (1, 3), (2, 3), (2, 6)])
def test_a_killed_search_goes_on_from_its_runs_to_the_same_trials(go, searched, tmp_path, jobs, killed_at):
    whole, _ = go(FunctionLauncher(), jobs=jobs)
    (tmp_path / "runs").rename(tmp_path / "whole")
    first, second = FunctionLauncher(killed_at=killed_at), FunctionLauncher()
    with pytest.raises(KeyboardInterrupt):
        go(first, jobs=jobs)
    assert go(second, jobs=jobs)[0] == whole
    assert sorted([*first.trained, *second.trained]) == sorted({*first.trained, *second.trained})


def test_several_trials_at_a_time_are_the_same_whenever_their_runs_end(go, tmp_path):
    one, _ = go(FunctionLauncher(), Budget(trials=6), jobs=3)
    (tmp_path / "runs").rename(tmp_path / "before")

    class Backwards(FunctionLauncher):
        def run_cells(self, plan, jobs, report):
            assert len(plan.missing) <= jobs
            super().run_cells(replace(plan, cells=plan.cells[::-1]), jobs, report)

    assert go(Backwards(), Budget(trials=6), jobs=3)[0] == one


def test_no_trial_begins_after_the_hours_and_they_count_over_commands(go, searched):
    planned = searched()
    trials, _ = go(FunctionLauncher(), Budget(trials=2), planned=planned)
    planned.trials().spend(7200)
    assert go(FunctionLauncher(), Budget(hours=2), planned=planned)[0] == trials
    assert len(go(FunctionLauncher(), Budget(trials=3, hours=2.1), planned=planned)[0]) == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [({}, "a search needs a budget: --trials 20"), ({"trials": 0}, "at least 1"), ({"hours": float("nan")}, "above 0")],
)
def test_a_budget_that_is_none(values, message):
    with pytest.raises(ConfigError, match=message):
        Budget(**values)


@pytest.mark.parametrize("bad", [None, float("nan")])
def test_a_trial_without_a_value_fails_and_the_search_goes_on(go, bad):
    fails = []

    def function(options, seed):
        fails.append(options["optimizer.lr"])
        return bad if len(fails) == 3 else best_at_a_hundredth(options, seed)

    trials, _ = go(FunctionLauncher(function))
    assert [trial.state for trial in trials] == ["finished", "failed", "finished", "finished"]
    assert fails.count(trials[1].options["optimizer.lr"]) == 1


def test_a_trial_that_is_clearly_behind_trains_no_further_seed(go):
    seen = []

    def function(options, seed):
        seen.extend(rate for rate in [options["optimizer.lr"]] if rate not in seen)
        return 0.2 if len(seen) == 5 else 0.8

    trials, _ = go(FunctionLauncher(function), Budget(trials=6))
    assert [(trial.state, len(trial.values)) for trial in trials[3:]] == [
        ("finished", 2),
        ("stopped early", 1),
        ("finished", 2),
    ]


def test_a_metric_that_is_better_when_lower(go, searched):
    planned = searched()
    lower = replace(planned, facts=replace(packaged_facts()["accuracy"], higher_is_better=False))
    go(FunctionLauncher(), planned=lower)
    finished = [trial for trial in lower.trials().all() if trial.state == "finished"]
    assert lower.trials().best() == min(finished, key=lambda trial: trial.mean)


def test_a_run_that_has_another_value_than_was_noted_is_an_error(go, searched):
    planned = searched()
    (first, *_), _ = go(FunctionLauncher(), planned=planned)
    run = planned.cells(first)[0].run
    history = run.path / "history.csv"
    content = json.loads(run.metrics.read_text())
    history.write_text("epoch,val/accuracy\n2,0.99\n")
    run.finish(content)
    with pytest.raises(RunError, match=r"has the value 0.99; the search has noted .* for trial 0, seed 0"):
        go(FunctionLauncher(), planned=planned)


def test_runs_of_trials_may_be_deleted(go, searched):
    planned = searched()
    trials, _ = go(FunctionLauncher(), planned=planned)
    shutil.rmtree(planned.folder / "trials")
    assert go(FunctionLauncher(), planned=planned)[0] == trials


class Queue(FunctionLauncher):
    """Hands cells over, as a cluster does: they end while the search waits."""

    def __init__(self):
        super().__init__()
        self.queued, self.waits = [], 0

    def run_cells(self, plan, jobs, report):
        self.queued += plan.missing
        report.submitted([], 0)

    def statuses(self, plan):
        waits = {cell.result.path for cell in self.queued}
        states = {True: "pending", False: "done"}
        return [CellStatus(cell, states[cell.result.path in waits]) for cell in plan.cells]

    def wait(self, seconds):
        self.waits += 1
        if self.waits % 2 == 0:
            for cell in self.queued:
                self.trained.append((cell.label, cell.seed))
                write_trained(cell, self.function(options_of(cell), cell.seed))
            self.queued.clear()


def test_a_search_waits_for_a_cluster(go, monkeypatch, tmp_path):
    local, _ = go(FunctionLauncher())
    (tmp_path / "runs").rename(tmp_path / "local")
    cluster = Queue()
    monkeypatch.setattr("fercli.launch.search.statuses", cluster.statuses)
    assert go(cluster, wait=cluster.wait)[0] == local
    assert cluster.waits == 2 * len(cluster.trained)


def test_files_for_a_cluster_end_the_command_and_the_next_one_goes_on(searched):
    planned, report = searched(), Report()

    class Script:
        def run_cells(self, plan, jobs, report):
            report.written(["cells.sbatch"], ["sbatch cells.sbatch"])

    assert run_search([(planned, planned.trials())], Script(), Budget(trials=2), report) is False
    (trial,) = planned.trials().of("unfinished")
    write_trained(planned.cells(trial)[0], 0.8)
    report.by_hand = False
    run_search([(planned, planned.trials())], Script(), Budget(trials=2), report)
    assert planned.trials().all()[0].values == {0: 0.8}


def test_a_cancelled_job_ends_the_command_and_is_run_again_by_the_next(go, searched, monkeypatch):
    planned = searched()
    monkeypatch.setattr("fercli.launch.status.queue", dict)

    class Cancelled:
        def run_cells(self, plan, jobs, report):
            (cell,) = plan.missing
            add(plan.folder, [Submitted(cell.label, cell.seed, str(cell.result.path), "12_0", "x", "out", 0.0)])
            mark_cancelled(plan.folder, ["12_0"])

    with pytest.raises(RunError, match=r"the job of trial 0, seed 0, was cancelled; the same command runs it again"):
        go(Cancelled(), planned=planned)
    assert len(go(FunctionLauncher(), Budget(trials=1), planned=planned)[0][0].values) == 2
