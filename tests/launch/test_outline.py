"""What would be handed over is said before it is; every launcher says it."""

from dataclasses import replace
from pathlib import Path

import pytest

from fercli.catalog import choices
from fercli.config import compose, instantiate
from fercli.errors import ConfigError
from fercli.launch.slurm import Slurm


@pytest.mark.parametrize("name", sorted(choices("launcher")))
def test_every_launcher_says_what_it_would_do_and_writes_nothing(name, small_plan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(Path().rglob("*"))
    words = instantiate(compose("ablate", [f"launcher={name}"]).launcher).outline(small_plan, 2)
    assert "2 at a time" in words
    assert ("6 jobs" in words and "time limit 24:00:00" in words) == (name != "local")
    assert sorted(Path().rglob("*")) == before


def test_the_jobs_of_a_cluster_are_described(small_plan):
    cluster = Slurm(
        partition="gpu", time="4:00:00", nodes=2, gpus_per_node=4, array_size=4, memory="32G", options={"nice": 10}
    )
    assert cluster.outline(small_plan, None) == (
        "slurm: 6 jobs in 2 arrays; each asks for 2 nodes with 4 GPUs, time limit 4:00:00, partition gpu, memory 32G, "
        "nice 10"
    )


def test_classifiers_are_jobs_of_their_own(fitted_plan):
    assert ", then " in Slurm(gpus_per_node=0).outline(fitted_plan, None)


def test_what_the_cluster_would_refuse_is_refused_in_the_plan(small_plan, tmp_path):
    asked = replace(small_plan, request=replace(small_plan.request, overrides=("trainer.devices=2",)))
    with pytest.raises(ConfigError, match="cannot be given to trainings on a cluster"):
        Slurm().outline(asked, None)
    with pytest.raises(ConfigError, match="found no file"):
        Slurm(container=str(tmp_path / "no.sif")).outline(small_plan, None)
