import csv
import importlib.util
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from fercli.cli.app import app
from fercli.config import compose
from fercli.runs.folder import RunFolder

BASE = ["backbone=lenets", "augment=none", "augment.size=16", "trainer.batch_size=20", "num_train_rows=100"]
BASE += ["trainer.max_epochs=24", "logger=none", "optimizer.lr=0.001", "trainer.checkpoint_every_minutes=0"]
DDA = ["method=dda", "loss.dda.weight=1"]
QUICK = ["trainer.max_epochs=1"]


def load_cluster():
    """The script as a module: tests are no package."""
    spec = importlib.util.spec_from_file_location("cluster", Path(__file__).with_name("cluster.py"))
    module = sys.modules["cluster"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


slurm = load_cluster()


def study(rows, base, seeds):
    head = {"title": "Losses on digits", "source": "dda-dacl", "table": "Table 3.1", "data": "mnist"}
    return head | {"base": base, "seeds": seeds, "metrics": ["accuracy"], "rows": rows}


LONG_DDA = {"label": "DDA", "overrides": DDA}
QUICK_ONES = [
    {"label": "softmax", "overrides": ["method=softmax", *QUICK]},
    {"label": "DDA", "overrides": [*DDA, *QUICK]},
]
STUDIES = {
    "one": study([LONG_DDA], BASE, [0]),
    "long_and_quick": study([LONG_DDA, QUICK_ONES[0]], BASE, [0]),
    "quick": study(QUICK_ONES, BASE, [0]),
}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A private SLURM cluster of two nodes."""
    if (os.cpu_count() or 1) < 4 and not os.environ.get("FERCLI_TEST_SLURM"):
        pytest.skip("two more minutes on fewer than four cores; set FERCLI_TEST_SLURM=1 to run them")
    if reason := slurm.why_not():
        pytest.skip(reason)
    with slurm.running(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture
def place(tmp_path, cluster, digits, monkeypatch):
    """A folder to work in, on a machine from which the cluster is reached, with three studies of small trainings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "stores").mkdir()
    (tmp_path / "stores" / "mnist").symlink_to(digits)  # the own store of the studies, whose tables have no hash
    (tmp_path / "conf" / "study").mkdir(parents=True)
    for name, content in STUDIES.items():
        (tmp_path / "conf" / "study" / f"{name}.yaml").write_text(json.dumps(content))
    return tmp_path


@pytest.fixture
def ablate(place, digits):
    """Call `fercli ablate` in that folder."""

    def call(*arguments):
        result = CliRunner().invoke(app, ["ablate", *arguments, f"store={digits}", "--config-dir", "conf"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def submit(ablate):
    """Submit a study to nodes without GPUs."""
    return lambda *arguments: ablate(*arguments, "launcher=slurm", "launcher.gpus_per_node=0")


@pytest.fixture
def status(ablate):
    """The states of a study's cells, in their order."""
    return lambda *arguments: [
        cell["state"] for cell in json.loads(ablate(*arguments, "--status", "--json").stdout)["cells"]
    ]


@pytest.fixture
def until():
    """Wait until something is true; generously, for machines that are busy with other things."""
    return lambda true, what, pause=0.1: slurm.wait_until(true, what, 600, pause)


@pytest.fixture
def until_done(cluster, until):
    """Wait until no job is left. Each question is a process, which takes time from the jobs."""
    return lambda: until(lambda: not cluster.run("squeue", "--noheader").stdout.strip(), "the jobs", pause=0.5)


@pytest.fixture
def until_saved(place, until):
    """Wait until the one run of the folder has a checkpoint; gives the run."""

    def wait():
        until(lambda: any(place.glob("runs/*/seed0/checkpoints/last.ckpt")), "a checkpoint")
        return RunFolder(next(place.glob("runs/*/seed0")))

    return wait


@pytest.fixture(scope="session")
def undisturbed(digits, tmp_path_factory):
    """What the one training leaves behind when nothing happens."""
    from fercli.engine.training import train

    overrides = ["data=mnist", *BASE, *DDA, "seed=0", f"store={digits}", "trainer.accelerator=cpu"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return train(compose("train", [*overrides, f"runs={tmp_path_factory.mktemp('undisturbed')}"]), [])
    finally:
        torch.set_num_threads(threads)


@pytest.fixture
def assert_same(undisturbed):
    """The run has the weights, the history and the predictions of the undisturbed one."""

    def check(run, atol=0.0):
        expected, found = weights(undisturbed), weights(run)
        assert run.path.relative_to(run.path.parents[1]) == undisturbed.path.relative_to(undisturbed.path.parents[1])
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=0, atol=atol, msg=name)
        assert len(history(run)) == len(history(undisturbed))
        for row, wanted in zip(history(run), history(undisturbed), strict=True):
            assert row == pytest.approx(wanted, abs=10 * atol, rel=0)
        predictions = [pd.read_parquet(r.path / "predictions.parquet") for r in (run, undisturbed)]
        pd.testing.assert_frame_equal(*predictions, rtol=0, atol=atol)

    return check


def history(run):
    """The rows of a history, without its clock."""
    with open(run.path / "history.csv") as handle:
        return [{k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(handle)]


def weights(run):
    """Weights and centers at the end of a training."""
    return torch.load(run.weights, weights_only=True)["state_dict"]
