"""Python processes of fercli: what they import, how they search for garbage, and how they end."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fercli.process import YOUNG_OBJECTS, protect_children, python
from tests.processes import runs, wait_until

PACKAGE = Path(__file__).parents[1] / "fercli"
HOSTILE = ("colorsys", "hydra", "omegaconf", "torch", "typer", "fercli")


@pytest.fixture
def hostile_folder(tmp_path, monkeypatch):
    """A working folder whose files have the names of modules that fercli imports, and leave a trace when they run."""
    for name in HOSTILE:
        (tmp_path / f"{name}.py").write_text("open('canary', 'w').close()\nraise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_python_process_runs_nothing_of_the_working_folder(hostile_folder):
    done = subprocess.run(python("-m", "fercli", "list", "methods"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (hostile_folder / "canary").exists()


def test_a_process_that_a_library_starts_does_not_either(hostile_folder, monkeypatch):
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    protect_children()
    command = [word for word in python("-m", "fercli", "list", "methods") if word != "-P"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert not (hostile_folder / "canary").exists()


def test_only_one_function_names_the_interpreter():
    found = [path.name for path in PACKAGE.rglob("*.py") if "sys.executable" in path.read_text()]
    assert found == ["process.py"]


PARENT_OF_ONE = """
import multiprocessing, os, signal, time
from fercli.process import end_with_parent

def child():
    end_with_parent(signal.SIGTERM)
    print(os.getpid(), flush=True)
    time.sleep(60)

started = multiprocessing.get_context("fork").Process(target=child)
started.start()
started.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_ends_with_a_parent_that_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", PARENT_OF_ONE], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert runs(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not runs(child))


def test_a_command_searches_for_garbage_less_often(tmp_path):
    said = "import gc, sys; sys.argv = ['fercli', '--version']\nfrom fercli.cli.app import main\n"
    said += "try: main()\nfinally: print(gc.get_threshold()[0])"
    done = subprocess.run(python("-c", said), capture_output=True, text=True)
    assert done.stdout.split()[-1] == str(YOUNG_OBJECTS)


@pytest.mark.parametrize(("closed", "prints"), [("<&-", True), (">&-", False), ("2>&-", True), ("<&- >&- 2>&-", False)])
def test_a_command_works_where_the_shell_has_closed_a_stream(closed, prints):
    command = f"{shlex.join(python('-m', 'fercli', 'list', 'methods'))} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, bool(done.stdout), done.stderr) == (0, prints, "")


ENDING = """
import atexit, sys, threading, time
from contextlib import nullcontext
from fercli.process import ending_at_once

class Kept:
    def __del__(self):
        print("freed")

with {block}:
    kept = Kept()
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
    print("end", end=" ")
    {last}
"""


def end_of(block, last, **streams):
    done = subprocess.run(python("-c", ENDING.format(block=block, last=last)), text=True, **streams)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "last", ["pass", "sys.exit()", "sys.exit(3)", "sys.exit('words')", "raise ValueError('words')"]
)
def test_a_process_that_ends_at_once_differs_in_what_it_frees_alone(last):
    status, said, errors = end_of("ending_at_once()", last, capture_output=True)
    as_ever = end_of("nullcontext()", last, capture_output=True)
    assert as_ever[1] == "end thread\nat exit\nfreed\n"
    assert status == as_ever[0]
    freed = "freed\n" if "words" in last else ""  # Python itself ends after an error
    assert said == f"end thread\nat exit\n{freed}"
    assert errors.splitlines()[-1:] == as_ever[2].splitlines()[-1:]


def test_output_that_cannot_be_written_is_said(monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # so that it is written at the end
    reader, writer = os.pipe()
    os.close(reader)
    status, _, errors = end_of("ending_at_once()", "pass", stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert status == 120
    assert "BrokenPipeError" in errors
