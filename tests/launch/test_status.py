import time

import pytest

from fercli.errors import RunError
from fercli.launch.record import Submitted, add
from fercli.launch.status import cancel_all, statuses, waiting


@pytest.fixture
def submitted(small_plan):
    """Record that all cells were submitted just now as job 12."""
    entries = [
        Submitted(cell.label, cell.seed, str(cell.run.path), f"12_{i}", "fercli_small", f"12_{i}.out", time.time() - 1)
        for i, cell in enumerate(small_plan.cells)
    ]
    add(small_plan.folder, entries)
    return entries


def states(plan):
    return [status.state for status in statuses(plan)]


def test_nothing_was_submitted_and_slurm_is_not_asked(small_plan, finish, monkeypatch):
    monkeypatch.setenv("PATH", "")
    finish(small_plan.cells[0])
    assert states(small_plan) == ["done", *["to run"] * 5]


def test_each_cell_is_what_slurm_and_its_folder_say(small_plan, submitted, finish, program):
    program("squeue", "echo '12_1|RUNNING|1:02|n1|fercli_small'; echo '12_2|PENDING|0:00|(Priority)|fercli_small'")
    finish(small_plan.cells[0])
    stopped = small_plan.cells[3].run
    stopped.last.parent.mkdir(parents=True)
    stopped.last.touch()
    found = statuses(small_plan)
    assert [status.state for status in found] == ["done", "running", "pending", "stopped", "failed", "failed"]
    assert [status.detail for status in found[1:3]] == ["n1 1:02", "(Priority) 0:00"]
    assert found[4].job == "12_4"


def test_a_training_that_only_a_classifier_shows_has_a_state_of_its_own(fitted_plan, finish):
    finish(fitted_plan.cells[0])
    finish(fitted_plan.cells[1])
    log = fitted_plan.trainings[0].log
    log.parent.mkdir(parents=True)
    log.write_text("error: the loss is not finite\n")
    found = [(status.state, status.cell.classifier) for status in statuses(fitted_plan)]
    assert found == [("done", None), ("done", "svm"), ("to run", "linear_svm"), ("to run", "svm"), ("failed", None)]


def test_a_job_of_another_name_is_of_another_cluster(small_plan, submitted, program):
    program("squeue", "echo '12_1|RUNNING|1:02|n1|somebody'")
    assert states(small_plan) == ["failed"] * 6


def test_the_log_is_that_of_the_training_unless_the_job_did_not_come_to_it(small_plan, submitted, program, tmp_path):
    program("squeue", "")
    new, old = small_plan.cells[0], small_plan.cells[1]
    for cell in (new, old):
        cell.log.parent.mkdir(parents=True, exist_ok=True)
        cell.log.write_text("error: of a training\n")
    import os

    os.utime(old.log, (1, 1))
    found = statuses(small_plan)
    assert (found[0].log, found[0].last_lines) == (new.log, ("error: of a training",))
    assert str(found[1].log) == "12_1.out"


def test_only_jobs_of_the_study_that_are_left_are_cancelled(small_plan, submitted, program, tmp_path):
    program("squeue", "echo '12_1|RUNNING|1:02|n1|fercli_small'; echo '99|RUNNING|1:02|n1|other'")
    program("scancel", f'echo "$@" >{tmp_path}/said')
    assert waiting(small_plan) == {submitted[1].run: submitted[1]}
    assert cancel_all(small_plan) == [submitted[1]]
    assert (tmp_path / "said").read_text() == "12_1\n"
    program("squeue", "")
    assert states(small_plan)[1] == "cancelled"


def test_slurm_does_not_answer(small_plan, submitted, program):
    program("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(RunError, match="Unable to contact"):
        statuses(small_plan)
