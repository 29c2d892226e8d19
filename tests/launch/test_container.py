import subprocess

import pytest

from fercli.errors import ConfigError
from fercli.launch.container import inside
from fercli.launch.script import Script
from fercli.launch.slurm import Slurm


@pytest.fixture
def image(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    path = tmp_path / "fercli.sif"
    path.touch()
    return path


def binds(words):
    return [words[i + 1] for i, word in enumerate(words) if word == "--bind"]


def test_stores_and_runs_are_seen_under_their_names_and_behind_links(image, tmp_path):
    (tmp_path / "big, disk" / "mnist").mkdir(parents=True)
    (tmp_path / "work" / "stores").symlink_to(tmp_path / "big, disk")
    (tmp_path / "runs").mkdir()
    words = ["fercli", "train", "store=stores/mnist", "method=dda", "a" * 5000 + "/", f"runs={tmp_path}/runs"]
    found = inside(str(image), words, [], gpus=True)
    assert binds(found) == [f"{tmp_path}/work", f"{tmp_path}/big\\, disk/mnist", f"{tmp_path}/runs"]
    assert found[:3] == ("apptainer", "exec", "--nv")
    assert found[-6:] == ("--pwd", f"{tmp_path}/work", str(image), "python3", "-s", "-P")
    assert "--nv" not in inside("docker://example.org/fercli", words, [], gpus=False)


def test_an_image_that_is_not_there_is_told_before_anything_is_submitted(image, small_plan):
    with pytest.raises(ConfigError, match=r"launcher\.container=gone\.sif"):
        Script(container="gone.sif").write(small_plan)


def test_the_file_runs_each_training_in_the_image(image, small_plan, program, tmp_path):
    """A false apptainer prints what it would run."""
    program("apptainer", 'printf "%s\\n" "$@"')
    program("srun", 'while [[ $1 == --* ]]; do shift; done; "$@"')
    (path,), _ = Script(container=str(image), gpus_per_node=0).write(small_plan)
    variables = {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_JOB_ID": "7"}
    done = subprocess.run(["bash", path], env=program.environment | variables, capture_output=True, text=True)
    words = done.stdout.splitlines()
    assert str(small_plan.request.runs.absolute()) in binds(words)
    task = Slurm(gpus_per_node=0).task(small_plan.missing[0])
    assert words[words.index(str(image)) :] == [str(image), "python3", "-s", "-P", "-u", "-m", *task.arguments]
