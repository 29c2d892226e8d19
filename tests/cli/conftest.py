import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fercli.cli.app import app, main
from tests.stores import describe


@dataclass
class Outcome:
    """What a shell sees of a command."""

    status: int
    out: str
    err: str


@pytest.fixture
def shell(monkeypatch, capsys):
    """Run `fercli` with these arguments as a shell does."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fercli", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return Outcome(end.value.code or 0, printed.out, printed.err)

    return run


@pytest.fixture
def refused(shell):
    """Run `fercli` with arguments that it must refuse; gives its one message."""

    def run(*arguments):
        outcome = shell(*arguments)
        assert outcome.status == 2
        assert outcome.out == ""
        assert outcome.err.startswith("error: ")
        assert outcome.err.count("error: ") == 1
        assert "Traceback" not in outcome.err
        return outcome.err.removeprefix("error: ").rstrip("\n")

    return run


@pytest.fixture(scope="session")
def training(digits, tmp_path_factory):
    """Arguments of a training of seconds, after which a small network is better than chance on the digits."""
    return [
        *["data=mnist", f"store={digits}", f"runs={tmp_path_factory.mktemp('cli')}/runs", "logger=none"],
        *["backbone=timm", "backbone.name=test_resnet", "augment=none", "method=dda", "loss.dda.weight=1"],
        *["trainer.accelerator=cpu", "trainer.max_epochs=2", "trainer.batch_size=25", "optimizer.lr=0.05"],
    ]


@pytest.fixture(scope="session")
def trained(training):
    """What `fercli train` says of that training."""
    return CliRunner().invoke(app, ["train", *training])


@pytest.fixture(scope="session")
def run_path(trained):
    """The run folder of that training."""
    return trained.stdout.splitlines()[-1]


STUDY = """\
title: Losses on RAF-DB
source: dda-dacl
table: Table 3.3
data: rafdb
base: [experiment=dda_dacl/rafdb]
seeds: [0, 1, 2]
metrics: [accuracy]
rows:
  - {label: center, overrides: [method=center], published: center loss}
  - {label: DDA, overrides: [method=dda], published: DDA loss}
"""


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """The plan of a study `small` in conf/ of the working folder, with as much of a store as a plan reads."""
    from fercli.studies.grid import plan
    from fercli.studies.request import Request
    from fercli.studies.study import load_study

    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "study").mkdir(parents=True)
    (tmp_path / "conf" / "study" / "small.yaml").write_text(STUDY)
    describe(tmp_path / "stores" / "rafdb", name="rafdb", fingerprint="f1", counts={"test": {"fear": 1}})
    return plan(load_study("small", [Path("conf")]), Request(config_dirs=(Path("conf"),)))


@pytest.fixture
def finish(write_run):
    """Write what tables need of a finished cell."""

    def write(cell, accuracy=0.8):
        experiment = cell.run.path.parent
        return write_run(experiment.parent, experiment.name, cell.seed, accuracy, run_id=cell.run.run_id, seconds=60.0)

    return write
