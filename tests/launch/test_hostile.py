"""A study with names that others chose writes a file for sbatch that runs nothing of them."""

import os
import subprocess

import pytest
from hypothesis import given, settings

from fercli.launch.script import Script
from fercli.launch.task import Task
from tests.hostile import OBEYED, few, texts


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@settings(few, max_examples=15)
@given(texts.filter(lambda name: "\0" not in name))
def test_the_shell_gives_every_argument_back_as_it_is(place, name):
    task = Task(name, ("fercli", "train", f"raw={name}", name), place / "log" / name.replace("/", "_")[:40])
    path = Script().write_array([task], place / "cells.sbatch", " ".join(name.split()), "fercli_study")
    text = path.read_bytes().decode()  # as text, a carriage return would be read as a line end
    assert not OBEYED.search(text.split("case ")[0])
    case = text[text.index("case ") : text.index("esac") + 4]
    shown = subprocess.run(
        ["bash", "-c", f'{case}\nprintf "%s\\0" "$log" "${{arguments[@]}}"'],
        env={"SLURM_ARRAY_TASK_ID": "0", "PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    assert shown.stdout.decode().split("\0")[:-1] == [str(task.log), *task.command]
    assert shown.stderr == b""
    assert {file.name for file in place.iterdir()} == {"cells.sbatch"}
