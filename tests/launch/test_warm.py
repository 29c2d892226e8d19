import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fercli.launch import warm
from tests.processes import runs, wait_until

# Starts a child that only waits, and needs no libraries for it.
LAUNCHER = """
import sys
from tests.launch.test_warm import wait
from fercli.launch import warm

if __name__ == "__main__":
    warm.CONTEXT.set_forkserver_preload([])
    child = warm.CONTEXT.Process(target=wait, args=(sys.argv[1],))
    child.start()
    child.join()
"""


def look(log, environment):
    """Print what a command finds."""
    import torch

    warm.enter(log, environment)
    found = {
        "session": os.getsid(0) == os.getpid(),
        "input": sys.stdin.read(),
        "threads": torch.get_num_threads(),
        "variables": dict(os.environ),
        "folder": os.getcwd(),
        "blocked": [int(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
        "device": torch.cuda.is_initialized(),
        "loaded": {"pytorch_lightning", "fercli.cli.train", "fercli.pages.run"} <= set(sys.modules),
    }
    print(json.dumps(found))
    print("and this is an error", file=sys.stderr)


def wait(log):
    """Print the number of this process, and never end."""
    warm.enter(log, {})
    print(os.getpid(), flush=True)
    time.sleep(600)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Starts `fercli` and waits for it: its exit status and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **variables):
        log = tmp_path / "log"
        log.unlink(missing_ok=True)
        process = warm.start(arguments, log, os.environ | variables)
        process.join()
        return process.exitcode, log.read_text()

    return run


def cold(*arguments):
    done = subprocess.run([sys.executable, "-P", "-m", "fercli", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [("list", "losses", "--json"), ("train",), ("train", "method=none"), ("--help",)])
def test_a_command_says_and_ends_as_in_a_process_of_its_own(command, arguments):
    assert command(*arguments) == cold(*arguments)


def test_a_command_finds_what_a_process_of_its_own_finds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log, variables = tmp_path / "log", {"ONE": "1", "OMP_NUM_THREADS": "2,1", "PATH": os.environ["PATH"]}
    process = warm.CONTEXT.Process(target=look, args=(str(log), variables))
    process.start()
    process.join()
    error, found = sorted(log.read_text().splitlines())
    assert json.loads(found) == {
        "session": True,
        "input": "",
        "threads": 2,
        "variables": variables,
        "folder": str(tmp_path),
        "blocked": [],
        "device": False,
        "loaded": True,
    }
    assert error == "and this is an error"


def test_the_server_starts_while_the_signals_that_ask_to_stop_are_blocked(monkeypatch, tmp_path):
    """Ctrl-C reaches all processes of a terminal, the server too while it loads the libraries."""
    seen = []

    class Process:
        def __init__(self, **_):
            pass

        def start(self):
            seen.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))

    monkeypatch.setattr(warm.CONTEXT, "Process", Process)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    warm.start(["list"], tmp_path / "log", {})
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1} <= seen[0]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_a_command_that_is_killed_harms_no_other(command, tmp_path):
    victim = warm.CONTEXT.Process(target=wait, args=(str(tmp_path / "victim"),))
    victim.start()
    victim.kill()
    assert command("list", "--json") == cold("list", "--json")
    victim.join()
    assert victim.exitcode == -signal.SIGKILL


def test_a_command_ends_with_a_launcher_that_is_killed(tmp_path):
    log = tmp_path / "log"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(log)], env=environment)
    wait_until(lambda: log.is_file() and log.read_text().endswith("\n"))
    command = int(log.read_text())
    assert runs(command)
    launcher.kill()
    launcher.wait()
    wait_until(lambda: not runs(command))
    assert not runs(command)


def test_a_training_gives_the_same_numbers_as_in_a_process_of_its_own(command, digits, tmp_path):
    arguments = ["train", "data=mnist", f"store={digits}", "method=dda", "backbone=lenets", "trainer.max_epochs=1"]
    arguments += ["augment.size=16", "num_train_rows=60"]
    assert command(*arguments, "runs=warm")[0] == 0
    assert cold(*arguments, "runs=cold")[0] == 0
    for name in ("weights.ckpt", "predictions.parquet"):
        (one,), (other,) = (list(tmp_path.glob(f"{runs}/*/seed0/{name}")) for runs in ("warm", "cold"))
        assert one.read_bytes() == other.read_bytes()
