import signal
import subprocess
import time

import pytest

from fercli.launch.script import Script

# Stands for srun with a training below it: ends well, fails, or waits for SLURM's warning.
SRUN = """\
printf '%s\\n' "$@" >{folder}/arguments
for argument; do [[ $argument == --output=* ]] && exec >>"${{argument#--output=}}" 2>&1; done
case $(cat {folder}/end) in
well) exit 0 ;;
badly) echo what went wrong >&2; exit 3 ;;
esac
trap 'echo stopped by SIGUSR1; exit 2' USR1
touch {folder}/waiting
while true; do sleep 0.05; done
"""


@pytest.fixture
def start(small_plan, program, tmp_path):
    """Start the file's shell as SLURM does for the second cell; `end` is how its training ends."""

    def run(end):
        (tmp_path / "end").write_text(end)
        program("srun", SRUN.format(folder=tmp_path))
        program("scontrol", f'echo "$@" >{tmp_path}/scontrol')
        (path,), _ = Script(gpus_per_node=0, setup=["echo ready"]).write(small_plan)
        variables = {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1"}
        with open(tmp_path / "job.out", "w") as output:
            return subprocess.Popen(["bash", path], env=program.environment | variables, stdout=output)

    return run


def test_the_file_has_the_options_of_the_cluster_and_every_cell(small_plan):
    (path,), _ = Script(partition="gpu", time="2:00:00").write(small_plan, jobs=2)
    lines = path.read_text().splitlines()
    assert lines[0] == "#!/bin/bash"
    assert f"sbatch {path}" in lines[1]
    wanted = ["partition=gpu", "time=2:00:00", "gpus-per-node=1", "signal=B:USR1@120", "requeue", "array=0-5%2"]
    assert {f"#SBATCH --{option}" for option in wanted} <= set(lines)
    first = next(line for line in lines if line.startswith("0) # "))
    assert first == f"0) # {small_plan.cells[0].label}, seed 0"
    assert subprocess.run(["bash", "-n", path]).returncode == 0


def test_more_cells_than_an_array_holds_are_several_files(small_plan):
    paths, _ = Script(array_size=4).write(small_plan)
    assert [path.name for path in paths] == ["cells.sbatch", "cells_2.sbatch"]
    assert "#SBATCH --array=0-1%2" in paths[1].read_text()


def test_classifiers_have_a_file_of_their_own(fitted_plan):
    (trainings,), (fits,) = Script(nodes=2).write(fitted_plan)
    assert (trainings.name, fits.name) == ("cells.sbatch", "classifiers.sbatch")
    text = fits.read_text()
    assert "3 classifiers or evaluations, once their trainings have ended" in text
    assert "#SBATCH --nodes=1" in text
    assert f"-m fercli eval {fitted_plan.fits[0].run.path} --store" in text
    assert subprocess.run(["bash", "-n", fits]).returncode == 0


def test_the_cell_is_trained_with_its_arguments_and_has_a_log_of_its_own(start, small_plan, tmp_path):
    cell = small_plan.missing[1]
    assert start("well").wait() == 0
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[arguments.index("fercli") :] == [*Script(gpus_per_node=0).task(cell).arguments]
    assert cell.log.read_text() == ""
    assert (tmp_path / "job.out").read_text() == "ready\n"
    assert not (tmp_path / "scontrol").exists()


def test_a_failure_is_the_failure_of_the_job(start, small_plan, tmp_path):
    assert start("badly").wait() == 3
    assert small_plan.missing[1].log.read_text().splitlines()[-1] == "what went wrong"
    assert not (tmp_path / "scontrol").exists()


def test_near_the_time_limit_the_training_stops_and_the_job_is_requeued(start, small_plan, tmp_path):
    job = start("when warned")
    while not (tmp_path / "waiting").exists():
        assert job.poll() is None
        time.sleep(0.02)
    job.send_signal(signal.SIGUSR1)
    assert job.wait() == 2
    assert small_plan.missing[1].log.read_text().splitlines()[-1] == "stopped by SIGUSR1"
    assert (tmp_path / "scontrol").read_text() == "requeue 7_1\n"
