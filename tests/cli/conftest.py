import sys
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from fercli.cli.app import app, main


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
