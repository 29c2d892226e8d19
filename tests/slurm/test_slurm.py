"""Studies on a real cluster of two nodes, with everything that happens to jobs there."""

import json

import pytest

from fercli.errors import RunError

NO_MASTER = 'launcher.setup=["export MASTER_ADDR=127.0.0.1"]'  # the names of these nodes are no host names


def nodes(cluster, job):
    """Where a job runs."""
    return cluster.run("squeue", "--noheader", "--format=%N", f"--jobs={job}").stdout.strip()


def warn(cluster, job):
    """Send what SLURM sends before the time limit."""
    done = cluster.run("scancel", "--batch", "--signal=USR2", job)
    assert done.returncode == 0, done.stderr


def test_cells_as_an_array(submit, ablate, status, until_done, place):
    result = submit("quick")
    assert result.exit_code == 0
    (job,) = result.stdout.split()
    assert "2 jobs submitted" in result.stderr
    assert not list(place.glob("runs/*/*/metrics.json")), "it did not return at once"
    assert set(status("quick")) <= {"pending", "configuring", "running"}
    again = submit("quick")
    assert "2 in the queue already, 0 jobs submitted" in again.stderr
    until_done()
    assert status("quick") == ["done"] * 2
    collected = ablate("quick", "--collect")
    assert collected.exit_code == 0
    assert collected.stdout.splitlines()[-1] == "runs/studies/quick/report.html"
    table = json.loads((place / "runs/studies/quick/table.json").read_text())
    assert [cell["finished"] for cell in table["cells"]] == [True] * 2
    submitted = json.loads((place / "runs/studies/quick/submitted.json").read_text())
    assert [entry["job"] for entry in submitted] == [f"{job}_{index}" for index in range(2)]
    assert "Nothing is missing" in submit("quick").stderr


def test_one_job_runs_several_cells_and_continues_when_it_is_requeued(
    submit, status, until_saved, until_done, cluster, place, assert_same
):
    (job,) = submit("long_and_quick", "launcher.cells_per_job=2").stdout.split()
    run = until_saved()
    warn(cluster, job)
    until_done()
    assert status("long_and_quick") == ["done"] * 2
    submitted = json.loads((place / "runs/studies/long_and_quick/submitted.json").read_text())
    assert [entry["job"] for entry in submitted] == [job] * 2
    assert run.path.with_suffix(".log").read_text().count("stopped by SIGUSR1") == 1
    assert_same(run)


def test_a_job_that_is_warned_and_then_loses_its_node_ends_as_if_nothing_had_been(
    submit, status, until, until_saved, until_done, cluster, assert_same
):
    job = submit("one").stdout.strip()
    run = until_saved()
    warn(cluster, job)
    log = run.path.with_suffix(".log")
    until(lambda: "stopped by SIGUSR1; the same command continues" in log.read_text(), "the training to stop")
    saved = run.last.stat().st_mtime_ns
    until(lambda: run.last.stat().st_mtime_ns > saved, "the training to go on")
    node = nodes(cluster, job)
    with cluster.without_power(node):
        assert not run.finished
        until_done()
        assert cluster.states()[node].startswith("down")
        assert status("one") == ["done"]
        assert log.read_text().count("epoch 1:") == 1
        assert_same(run)


def test_one_training_on_two_nodes_is_one_run_also_when_it_is_requeued(
    submit, status, until_saved, until_done, cluster, place, assert_same
):
    job = submit("one", "launcher.nodes=2", NO_MASTER).stdout.strip()
    run = until_saved()
    assert nodes(cluster, job) == "n[1-2]"
    warn(cluster, job)
    until_done()
    assert status("one") == ["done"]
    assert [path.parent for path in place.glob("runs/*/*/metrics.json")] == [run.path]
    log = run.path.with_suffix(".log").read_text()
    assert log.count("stopped by") == 2  # both processes
    assert_same(run, atol=1e-6)


def test_everything_is_cancelled(submit, ablate, status, until_done, cluster, place):
    submit("quick", "--jobs", "1")
    assert ablate("quick", "--cancel").stdout == "quick on mnist: 2 jobs cancelled\n"
    until_done()
    assert status("quick") == ["cancelled"] * 2
    assert not list(place.glob("runs/*/*/metrics.json"))
    assert ablate("quick", "--cancel").stdout == "quick on mnist: 0 jobs cancelled\n"


def test_a_failed_cell_is_shown_with_what_was_said_and_how_to_run_it_alone(submit, ablate, until_done):
    submit("one", 'launcher.setup=["echo no module named cuda >&2; exit 3"]')
    until_done()
    result = ablate("one", "--status")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1].startswith("failed  DDA  seed 0  job ")
    assert "failed: DDA, seed 0\n  | no module named cuda\n  whole log: " in result.stderr
    assert "to run it again:\n  fercli train data=mnist" in result.stderr


def test_a_refusal_says_what_slurm_said(submit, place):
    with pytest.raises(RunError, match=r"did not take 2 jobs of fercli_quick: .*invalid partition specified: nowhere"):
        submit("quick", "launcher.partition=nowhere")
    assert not (place / "runs/studies/quick/submitted.json").exists()
    assert not list((place / "runs/studies/quick/slurm").iterdir())


def test_the_controller_is_away(submit, ablate, cluster, place, monkeypatch):
    cluster.stop_controller()
    try:
        with pytest.raises(RunError, match="Unable to contact slurm controller"):
            submit("quick")
        assert not (place / "runs/studies/quick/submitted.json").exists()
    finally:
        cluster.start_controller()
        cluster.until_idle()
    assert submit("quick").exit_code == 0
    assert ablate("quick", "--cancel").exit_code == 0
