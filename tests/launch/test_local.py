import os
import signal
import sys
import threading
import time
from multiprocessing import get_context

import pytest

from fercli.launch.local import launch

FINISH = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.parent.mkdir(parents=True); p.write_text('{}')"
FAIL = "import sys; print('first'); print('what went wrong', file=sys.stderr); sys.exit(3)"


def script(text):
    """Run a Python program in place of `fercli`, as `launch` starts it; its argument is the file of the numbers."""

    def run(cell, environment):
        with open(cell.log, "wb") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        os.execve(sys.executable, [sys.executable, "-c", text, str(cell.result.metrics)], dict(environment))

    def start(cell, environment):
        process = get_context("fork").Process(target=run, args=(cell, environment))
        process.start()
        return process

    return start


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_cells_run(small_plan, jobs):
    started, ended = [], []
    finished = launch(small_plan.missing, jobs, started.append, ended.append, script(FINISH))
    assert not any(cell.failed for cell in finished)
    assert small_plan.missing == []
    assert (len(started), ended) == (6, finished)


def test_a_failed_cell_is_reported_with_its_log_and_the_others_go_on(small_plan):
    bad = small_plan.cells[1]

    def start(cell, environment):
        return script(FAIL if cell == bad else FINISH)(cell, environment)

    failed = [finished for finished in launch(small_plan.cells, start=start) if finished.failed]
    assert [(finished.cell, finished.status) for finished in failed] == [(bad, 3)]
    assert set(failed[0].last_lines) == {"first", "what went wrong"}
    assert small_plan.missing == [bad]


def test_a_classifier_waits_for_its_training(fitted_plan):
    ended = [finished.cell for finished in launch(fitted_plan.missing, jobs=3, start=script(FINISH))]
    assert len(ended) == 5  # both classifiers of two networks, one of them without a row of its own
    places = {cell.result.path: place for place, cell in enumerate(ended)}
    fits = [cell for cell in ended if cell.classifier is not None]
    assert len(fits) == 3
    assert all(places[cell.run.path] < places[cell.result.path] for cell in fits)
    assert fitted_plan.missing == []


def test_a_classifier_of_a_failed_training_is_not_run(fitted_plan):
    failed = fitted_plan.cells[0].run.path

    def start(cell, environment):
        return script(FAIL if cell.result.path == failed else FINISH)(cell, environment)

    finished = launch(fitted_plan.missing, start=start)
    assert [one.cell.result.path for one in finished if one.failed] == [failed]
    assert failed not in {one.cell.run.path for one in finished if one.cell.classifier}
    assert fitted_plan.fits == [cell for cell in fitted_plan.cells if cell.classifier and cell.run.path == failed]


def test_a_process_that_leaves_no_finished_run_has_failed(small_plan):
    (finished,) = launch(small_plan.cells[:1], start=script("pass"))
    assert finished.status == 0
    assert finished.failed


def test_stopping_stops_the_children(small_plan, tmp_path):
    marker = tmp_path / "runs" / "running"
    wait = f"import os, time; open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    children = []

    def stop_when_running():
        while not marker.is_file() or not marker.read_text():
            time.sleep(0.02)
        children.append(int(marker.read_text()))
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    stopper = threading.Thread(target=stop_when_running)
    stopper.start()
    with pytest.raises(KeyboardInterrupt):
        launch(small_plan.cells, start=script(wait))
    stopper.join()
    with pytest.raises(ProcessLookupError):
        os.kill(children[0], 0)
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_cores_that_this_process_may_use_are_shared_out(small_plan, monkeypatch):
    """Of a machine that has more, as on a shared node."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3})
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    start = script("import os; print(os.environ['OMP_NUM_THREADS'])")
    (finished,) = launch(small_plan.cells[:1], jobs=2, start=start)
    assert finished.last_lines == ("2",)


def test_a_cell_that_another_command_runs_is_left_to_it_with_its_log(small_plan):
    cell = small_plan.cells[0]
    cell.log.parent.mkdir(parents=True)
    cell.log.write_text("epoch 1\n")
    with cell.run.lock():
        finished = launch([cell], start=script(FAIL))
    assert [(one.elsewhere, one.failed) for one in finished] == [(True, False)]
    assert cell.log.read_text() == "epoch 1\n"
