from dataclasses import replace

import pytest

from fercli.config import compose, instantiate
from fercli.errors import ConfigError, RunError
from fercli.launch.record import Submitted, submissions
from fercli.launch.slurm import Slurm
from fercli.studies.grid import plan
from fercli.studies.study import study_from


def test_options_are_those_of_sbatch():
    cluster = Slurm(partition="gpu", account="lab", time=90, memory="32G", nodes=2, gpus_per_node=4, cpus_per_process=8)
    assert replace(cluster, options={"constraint": "a100"}).directives("fercli_small", "USR1") == {
        "job_name": "fercli_small",
        "partition": "gpu",
        "account": "lab",
        "time": 90,
        "mem": "32G",
        "nodes": 2,
        "ntasks_per_node": 4,
        "gpus_per_node": 4,
        "cpus_per_task": 8,
        "signal": "B:USR1@120",
        "requeue": True,
        "open-mode": "append",
        "constraint": "a100",
    }


def test_a_training_has_one_process_for_each_gpu(small_plan):
    cell = small_plan.cells[0]
    on_gpus = Slurm(nodes=2, gpus_per_node=4).task(cell).arguments
    assert on_gpus == ("fercli", *cell.arguments, "trainer.num_nodes=2", "trainer.devices=4", "--json")
    on_processors = Slurm(gpus_per_node=0, processes_per_node=3).task(cell).arguments
    assert on_processors[-3:-1] == ("trainer.devices=3", "trainer.accelerator=cpu")


def test_the_yaml_has_every_option_and_its_default():
    assert instantiate(compose("ablate", ["launcher=slurm"]).launcher) == Slurm(setup=[], options={})


def test_a_time_is_taken_as_it_is_typed():
    assert instantiate(compose("ablate", ["launcher=slurm", "launcher.time=1-12:00:00"]).launcher).time == "1-12:00:00"


@pytest.mark.parametrize(
    "option", ["nodes=0", "gpus_per_node=-1", "processes_per_node=0", "array_size=two", "cells_per_job=0"]
)
def test_a_count_that_is_none_is_one_clear_message(option):
    with pytest.raises(ConfigError, match=rf"expected launcher\.{option.partition('=')[0]} as a whole number"):
        instantiate(compose("ablate", ["launcher=slurm", f"launcher.{option}"]).launcher)


@pytest.mark.parametrize("override", ["trainer.devices=2", "+trainer.num_nodes=2", "trainer.accelerator=gpu"])
def test_devices_are_asked_of_the_cluster(small_plan, override):
    asked = replace(small_plan, request=replace(small_plan.request, overrides=(override,)))
    with pytest.raises(ConfigError, match=r"cannot be given to trainings on a cluster; use launcher\."):
        Slurm().submit(asked, asked.missing)


def test_losses_of_each_process_are_for_one_process_only(small, request_for):
    """With more, the runs would be other ones than those that the plan waits for."""
    overrides = ("trainer.global_batch=false",)
    local = plan(study_from("small", small), request_for("rafdb", overrides=overrides))
    with pytest.raises(ConfigError, match=r"trainer.global_batch=false cannot be given to trainings on 8 processes"):
        Slurm(nodes=2, gpus_per_node=4).submit(local, local.missing)


def test_cells_are_arrays_of_the_size_that_the_cluster_takes(small_plan, program, tmp_path):
    program("srun", "")
    program(
        "sbatch", f'grep -e "--array" "$1" >>{tmp_path}/asked; echo "Submitted batch job $(wc -l <{tmp_path}/asked)"'
    )
    submitted = Slurm(array_size=4).submit(small_plan, small_plan.missing, jobs=3)
    assert (tmp_path / "asked").read_text().splitlines() == ["#SBATCH --array=0-3%3", "#SBATCH --array=0-1%2"]
    assert [entry.job for entry in submitted] == ["1_0", "1_1", "1_2", "1_3", "2_0", "2_1"]
    assert submissions(small_plan.folder) == submitted


def test_classifiers_are_an_array_on_one_process_that_waits_for_the_trainings(fitted_plan, program, tmp_path):
    program("srun", "")
    program("sbatch", f'n=$(ls {tmp_path}/asked* | wc -l); cp "$1" {tmp_path}/asked$n; echo "Submitted batch job 4$n"')
    submitted = Slurm(nodes=2, gpus_per_node=4).submit(fitted_plan, fitted_plan.missing)
    assert [entry.job for entry in submitted] == ["40_0", "40_1", "41_0", "41_1", "41_2"]
    assert [entry.run for entry in submitted] == [str(cell.result.path) for cell in fitted_plan.missing]
    trainings, fits = ((tmp_path / f"asked{n}").read_text().splitlines() for n in (0, 1))
    assert "#SBATCH --nodes=2" in trainings
    wanted = {"array=0-2%3", "nodes=1", "ntasks-per-node=1", "gpus-per-node=1", "dependency=afterany:40"}
    assert {f"#SBATCH --{option}" for option in wanted} <= set(fits)
    assert not any("dependency" in line for line in trainings)


def test_classifiers_wait_for_trainings_that_are_in_the_queue_already(fitted_plan, program, tmp_path):
    program("srun", "")
    program("sbatch", f'cp "$1" {tmp_path}/asked; echo "Submitted batch job 50"')
    first = fitted_plan.trainings[0]
    queued = Submitted(first.label, 0, str(first.result.path), "12_3", "fercli_other", "12_3.out", 0.0)
    Slurm().submit(fitted_plan, fitted_plan.fits, queued=[queued])
    assert "#SBATCH --dependency=afterany:12" in (tmp_path / "asked").read_text().splitlines()


def test_a_classifier_is_not_told_the_hardware_of_trainings(fitted_plan):
    cell = fitted_plan.fits[0]
    assert Slurm(gpus_per_node=4).task(cell).arguments == ("fercli", *cell.arguments, "--json")


def test_a_machine_without_slurm_is_one_clear_message(small_plan, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RunError, match="expected SLURM's 'srun' on this machine"):
        Slurm().submit(small_plan, small_plan.missing)


def test_what_was_taken_before_a_refusal_is_remembered(small_plan, program, tmp_path):
    program("srun", "")
    program("sbatch", f"mkdir {tmp_path}/once 2>&- || {{ echo 'error: QOSMaxSubmitJob' >&2; exit 1; }}; echo job 5")
    with pytest.raises(RunError, match="SLURM did not take 2 jobs of fercli_small: error: QOSMaxSubmitJob"):
        Slurm(array_size=4).submit(small_plan, small_plan.missing)
    assert [entry.job for entry in submissions(small_plan.folder)] == ["5_0", "5_1", "5_2", "5_3"]


def test_a_job_runs_several_cells_and_each_is_recorded_with_its_job(small_plan, program, tmp_path):
    program("srun", "")
    program("sbatch", f'grep -e "--array" "$1" >>{tmp_path}/asked; echo "Submitted batch job 7"')
    submitted = Slurm(cells_per_job=4).submit(small_plan, small_plan.missing)
    assert (tmp_path / "asked").read_text() == "#SBATCH --array=0-1%2\n"
    assert [entry.job for entry in submitted] == ["7_0"] * 4 + ["7_1"] * 2
    assert [entry.run for entry in submitted] == [str(cell.result.path) for cell in small_plan.missing]


def test_several_cells_in_a_job_are_for_one_process_only():
    with pytest.raises(ConfigError, match=r"launcher.cells_per_job=2 is for trainings on one process; found 8"):
        Slurm(nodes=2, gpus_per_node=4, cells_per_job=2)
