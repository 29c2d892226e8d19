"""`fercli preprocess` shared out: to parts, and to the jobs of a cluster."""

import json

import pytest

from fercli.datasets.store import Store
from fercli.datasets.synthetic.faces import faces
from tests.corpora.layouts import write_folder


@pytest.fixture
def words(tmp_path, monkeypatch):
    """Overrides of a preprocessing of eight drawn faces, two to a shard, in the folder where the test runs."""
    monkeypatch.chdir(tmp_path)
    write_folder(tmp_path / "raw", faces(num_faces=8, seed=0))
    return ["data=folder", "raw=raw", "store=store", "detector=none", "num_workers=0", "shard_rows=2"]


def test_parts_and_the_plain_command_write_a_store(shell, words, tmp_path):
    assert shell("preprocess", *words, "--shards", "2/2").out.startswith("store: 2 shards written; complete when")
    assert not (tmp_path / "store" / "dataset.json").exists()
    assert shell("preprocess", *words, "--shards", "1/2").status == 0
    assert "store was complete: verified, nothing written" in shell("preprocess", *words).out
    assert len(Store(tmp_path / "store")) == 8


@pytest.mark.parametrize("shards", ["2", "a/b", "0/2", "3/2"])
def test_a_part_that_there_is_not(refused, words, shards):
    assert f"such as 2/8; found {shards}" in refused("preprocess", *words, "--shards", shards)


def test_files_for_a_cluster(shell, words, tmp_path):
    outcome = shell("preprocess", *words, "launcher=script", "launcher.partition=cpu", "--jobs", "3", "--json")
    assert json.loads(outcome.out) == {
        "store": "store",
        "parts": "store/slurm/parts.sbatch",
        "last": "store/slurm/last.sbatch",
    }
    assert "  after=afterany:$(sbatch --parsable store/slurm/parts.sbatch)\n" in outcome.err
    assert "  sbatch --dependency=$after store/slurm/last.sbatch\n" in outcome.err
    text = (tmp_path / "store/slurm/parts.sbatch").read_text()
    assert "#SBATCH --partition=cpu" in text
    assert text.count("--shards") == 3
    assert "launcher" not in text
    assert not (tmp_path / "store" / "plan.json").exists()


@pytest.mark.parametrize("more", [[], ["--shards", "1/2"], ["--check"]], ids=["local", "part", "check"])
def test_jobs_without_a_cluster_are_refused(refused, words, more, tmp_path):
    message = refused("preprocess", *words, *more, "--jobs", "3")
    assert "--jobs=3 shares the shards among jobs of a cluster" in message
    assert "num_workers=3" in message
    assert not (tmp_path / "store").exists()


def test_a_wrong_option_is_said_before_anything_is_submitted(refused, words, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "shard_rows" in refused("preprocess", *words, "shard_rows=0", "launcher=slurm")


def test_a_machine_without_slurm(refused, words, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "expected SLURM's 'srun' on this machine" in refused("preprocess", *words, "launcher=slurm")
