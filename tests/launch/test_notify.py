import json
import stat
import sys
from dataclasses import replace

import pytest

from fercli.config import compose, instantiate
from fercli.errors import ConfigError
from fercli.launch.local import Local
from fercli.launch.notify import main, notification, notify
from fercli.launch.slurm import Slurm


@pytest.fixture
def told(tmp_path):
    """A command that keeps its input, and the file with it; `$(touch x)` shows that no shell reads it."""
    path = tmp_path / "told"
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    return [sys.executable, "-c", code, str(path), "$(touch x)"], path


def test_the_command_reads_how_the_study_ended(small_plan, finish, told):
    command, path = told
    finish(small_plan.cells[0])
    assert notify(command, small_plan) is None
    message = json.loads(path.read_text())
    assert message == {
        "text": "fercli: small on rafdb has ended: 1 of 6 planned cells done",
        "study": "small",
        "data": "rafdb",
        "state": "incomplete",
        "done": 1,
        "missing": 5,
        "total": 6,
        "folder": str(small_plan.folder),
    }


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (["no-such-program"], "no-such-program: "),
        ([sys.executable, "-c", "import sys; sys.exit('no network')"], "ended with exit status 1: no network"),
    ],
)
def test_a_failure_is_said_and_is_no_error(small_plan, command, problem):
    assert problem in notify(command, small_plan)


def test_the_job_on_a_cluster_tells_the_same_from_a_file_of_the_user_alone(small_plan, finish, told, capsys):
    command, path = told
    for cell in small_plan.missing:
        finish(cell)
    task = notification(command, small_plan)
    module, file = task.arguments
    assert module == "fercli.launch.notify"
    assert stat.S_IMODE((small_plan.folder / "slurm" / "notify.json").stat().st_mode) == 0o600
    assert main(file) == 0
    assert json.loads(path.read_text())["state"] == "done"
    assert capsys.readouterr().out == "fercli: small on rafdb has ended: 6 of 6 planned cells done\n"


class Report:
    def __init__(self):
        self.problems = []

    def __getattr__(self, name):
        return lambda *content: self.problems.append(content[0]) if name == "not_notified" else None


def test_the_local_launcher_tells_once_at_the_end_and_only_if_something_ran(small_plan, finish, told, monkeypatch):
    command, path = told
    monkeypatch.setattr("fercli.launch.local.launch", lambda cells, *args, **options: [finish(cell) for cell in cells])
    report = Report()
    Local(command).run_cells(small_plan, 1, report)
    assert json.loads(path.read_text())["done"] == 6
    path.unlink()
    Local(command).run_cells(small_plan, 1, report)
    assert not path.exists()
    assert report.problems == []


def test_slurm_runs_it_as_a_last_job(small_plan, program, tmp_path):
    program("srun", "")
    program("squeue", "")
    program("sbatch", f'n=$(ls {tmp_path}/asked* | wc -l); cp "$1" {tmp_path}/asked$n; echo "Submitted batch job 4$n"')
    Slurm(gpus_per_node=0, notify=["mail"]).run_cells(small_plan, None, Report())
    last = (tmp_path / "asked1").read_text()
    assert "#SBATCH --dependency=afterany:40" in last
    assert not (tmp_path / "asked2").exists()


@pytest.mark.parametrize("launcher", ["local", "slurm"])
def test_a_text_is_refused(launcher):
    with pytest.raises(ConfigError, match=r"launcher\.notify as a list"):
        instantiate(compose("ablate", [f"launcher={launcher}", "launcher.notify='mail me'"]).launcher)


def test_several_jobs_of_one_study_are_waited_for(small_plan, program, tmp_path):
    program("srun", "")
    program("squeue", "")
    program("sbatch", f'n=$(ls {tmp_path}/asked* | wc -l); cp "$1" {tmp_path}/asked$n; echo "Submitted batch job 4$n"')
    replace(Slurm(gpus_per_node=0, array_size=3), notify=["mail"]).run_cells(small_plan, None, Report())
    assert "#SBATCH --dependency=afterany:40:41" in (tmp_path / "asked2").read_text()
