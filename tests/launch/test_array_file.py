"""Files for PBS and LSF, run as the cluster runs them."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from fercli.errors import ConfigError
from fercli.launch.limits import in_bytes, seconds_of
from fercli.launch.lsf import Lsf
from fercli.launch.pbs import Pbs
from fercli.launch.task import Task

CLUSTERS = [Pbs(gpus_per_node=0), Lsf(gpus_per_node=0)]
names = pytest.mark.parametrize("cluster", CLUSTERS, ids=["pbs", "lsf"])
INDEX = {"pbs": {"PBS_ARRAY_INDEX": "1"}, "lsf": {"LSB_JOBINDEX": "2"}}  # of the second job


def started(cluster, small_plan, code, **options):
    """Run the second job of the file with a shell program in place of its training."""
    (path,), _ = replace(cluster, **options).write(small_plan)
    log = path.parent / "log of it"
    task = Task("a row", (), log, program=("bash", "-c", code))
    tasks = [task, replace(task, arguments=("second",))]
    path = replace(cluster, **options).write_array(tasks, path, "a title", "fercli_small")
    done = subprocess.run(["bash", path], env={"PATH": "/usr/bin:/bin"} | INDEX[cluster.suffix], capture_output=True)
    return done.returncode, log.read_text()


def test_pbs_gets_the_options_of_the_cluster(small_plan):
    cluster = Pbs(partition="gpu", account="lab", time="1-12:00:00", memory="32G", gpus_per_node=2, cpus_per_process=4)
    (path,), _ = replace(cluster, options={"m": "abe"}, max_running=2).write(small_plan)
    lines = set(path.read_text().splitlines())
    assert path.name == "cells.pbs"
    wanted = ["-N fercli_small", "-q gpu", "-A lab", "-l select=1:ncpus=8:ngpus=2:mem=32gb", "-l walltime=36:00:00"]
    assert {f"#PBS {option}" for option in [*wanted, "-J 0-5%2", "-m abe", "-r y"]} <= lines
    (one,), _ = replace(cluster, cells_per_job=6, gpus_per_node=1).write(small_plan)
    assert "#PBS -J" not in one.read_text()  # an array of one job is refused


def test_lsf_gets_the_options_of_the_cluster(small_plan):
    cluster = Lsf(partition="gpu", account="lab", time=90, memory="32G", gpus_per_node=2, options={"m": "big hosts"})
    (path,), _ = cluster.write(small_plan, jobs=3)
    lines = set(path.read_text().splitlines())
    wanted = ['-J "fercli_small[1-6]%3"', "-q gpu", "-P lab", "-W 90", "-n 2", '-gpu "num=2"', "-M 32GB", "-Q 99"]
    assert {f"#BSUB {option}" for option in [*wanted, "-m 'big hosts'"]} <= lines


@names
def test_the_shell_is_sound(cluster, fitted_plan):
    for paths in cluster.write(fitted_plan):
        for path in paths:
            assert subprocess.run(["bash", "-n", path]).returncode == 0
            if shutil.which("shellcheck"):
                done = subprocess.run(["shellcheck", "--severity=warning", path], capture_output=True, text=True)
                assert done.returncode == 0, done.stdout


@names
def test_a_job_runs_its_own_command_and_fails_with_it(cluster, small_plan):
    assert started(cluster, small_plan, 'echo "$2"; exit 3') == (3, "second\n")


@names
def test_before_the_limit_the_training_is_asked_to_save(cluster, small_plan):
    code = "trap 'echo saved; exit 2' USR1; for i in {1..100}; do sleep 0.05; done"
    status, log = started(cluster, small_plan, code, time="0:03", warning_seconds=2)
    assert log == "saved\n"
    assert status == {"pbs": 124, "lsf": 99}[cluster.suffix]


@names
def test_jobs_wait_for_those_before(cluster, fitted_plan, program, tmp_path):
    """Run the printed commands; the programs of the cluster print ids as the real ones do."""
    program("qsub", f'echo "$@" >>{tmp_path}/said; echo "12[].server"')
    program("bsub", f'echo "$@" >>{tmp_path}/said; echo "Job <12> is submitted to queue <normal>."')
    trainings, fits = cluster.write(fitted_plan)
    script = "\n".join(cluster.steps(trainings, fits))
    done = subprocess.run(["bash", "-c", script], env=program.environment, capture_output=True, text=True)
    assert done.stderr == ""
    last = (tmp_path / "said").read_text().splitlines()[-1]
    wanted = {"pbs": f"-W depend=afterany:12[].server {fits[0]}", "lsf": "-w ended(12)"}
    assert last == wanted[cluster.suffix]


@pytest.mark.parametrize("kind", [Pbs, Lsf])
@pytest.mark.parametrize("options", [{"nodes": 2}, {"qos": "long"}, {"time": "soon"}, {"time": 2}])
def test_what_such_a_cluster_cannot_do_is_refused(kind, options):
    with pytest.raises(ConfigError, match=rf"launcher\.{next(iter(options))}"):
        kind(gpus_per_node=0, **options)


def test_times_and_memory():
    assert [seconds_of(time) for time in (90, "90", "90:30", "24:00:00", "1-12", "1-12:30", "1-12:30:05")] == [
        *(5400, 5400, 5430, 86400, 129600, 131400, 131405)
    ]
    assert [in_bytes(text) for text in ("32G", "500M", "32gb")] == ["32GB", "500MB", "32gb"]
