import json
import os
import signal
import subprocess

import pytest

from fercli.errors import ConfigError
from fercli.launch.series import MODULE, Series, series
from fercli.launch.task import Task
from fercli.process import python
from tests.processes import wait_until


def tasks(folder, *commands):
    return [Task(f"row {i}", ("fercli", *words), folder / f"{i}.log") for i, words in enumerate(commands)]


def test_each_command_prints_into_its_own_log_and_a_failed_one_does_not_stop_the_others(tmp_path, capsys):
    chosen = tasks(tmp_path / "logs", ["list", "losses"], ["list", "none"], ["--help"])
    (module, commands) = series(chosen, tmp_path / "series.log").arguments
    assert module == MODULE
    assert Series().run(json.loads(commands)) == 2
    assert capsys.readouterr().out == "row 0: done\nrow 1: exit status 2\nrow 2: done\n"
    logs = [task.log.read_text() for task in chosen]
    assert "dda" in logs[0]
    assert logs[1].startswith("error: ")
    assert "Usage" in logs[2]


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the job", "to all its processes"])
def test_a_signal_reaches_the_running_command_and_no_other_is_started(tmp_path, digits, send):
    training = ["train", "data=mnist", f"store={digits}", "method=softmax", "backbone=lenets", f"runs={tmp_path}/runs"]
    chosen = tasks(tmp_path, [*training, "trainer.max_epochs=500"], ["--help"])
    command = python("-u", "-m", *series(chosen, tmp_path / "series.log").arguments)
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    wait_until(lambda: list(tmp_path.glob("runs/*/seed0/checkpoints/last.ckpt")))
    send(running.pid, signal.SIGUSR1)
    printed, _ = running.communicate()
    assert running.returncode != 0
    assert printed == f"row 0: exit status {running.returncode}\n"
    assert "stopped by SIGUSR1; the same command continues" in chosen[0].log.read_text()
    assert not chosen[1].log.exists()


def test_commands_that_one_command_line_cannot_hold_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="2 commands are too long for one job"):
        series(tasks(tmp_path, ["x" * 60_000], ["y" * 60_000]), tmp_path / "log")
