"""`fercli ablate` with launchers, and how it follows what was handed over; on a real cluster: tests/slurm."""

import json
import re

import pytest

from tests.stores import describe

STUDY = {
    "title": "Losses",
    "source": "dda-dacl",
    "table": "Table 3.1",
    "data": "mnist",
    "base": ["backbone=lenets", "augment=none", "trainer.batch_size=8"],
    "seeds": [0, 1],
    "metrics": ["accuracy"],
    "rows": [{"label": "softmax", "overrides": ["method=softmax"]}],
}
TINY = ("ablate", "tiny", "--config-dir", "conf")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder to work in, with the study `tiny` and as much of its store as plans read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "study").mkdir(parents=True)
    (tmp_path / "conf" / "study" / "tiny.yaml").write_text(json.dumps(STUDY))
    describe(tmp_path / "stores" / "mnist", name="mnist", fingerprint="mnist")
    return tmp_path


@pytest.fixture
def runs(shell):
    """The run folders that the study plans."""
    return [cell["run"] for cell in json.loads(shell(*TINY, "--dry-run", "--json").out)["cells"]]


def test_the_status_of_what_nobody_started(shell):
    outcome = shell(*TINY, "--status")
    assert outcome.status == 0
    assert outcome.out.splitlines() == [
        "tiny on mnist: 2 to run",
        "to run  softmax  seed 0",
        "to run  softmax  seed 1",
    ]


def test_a_failure_is_the_failure_of_the_command(shell, runs, place):
    log = place / f"{runs[1]}.log"
    (place / runs[1]).mkdir(parents=True)
    log.write_text("epoch 1\nerror: the loss of epoch 2 is not finite\n")
    for option in ("--status", "--collect"):
        outcome = shell(*TINY, option)
        assert outcome.status == 1
        assert "failed: softmax, seed 1\n  | epoch 1\n  | error: the loss of epoch 2 is not finite" in outcome.err
        assert f"whole log: {runs[1]}.log\n  to run it again:\n  fercli train data=mnist" in outcome.err
    assert json.loads(shell(*TINY, "--status", "--json").out)["cells"][1]["state"] == "failed"


def test_what_has_finished_is_collected_and_what_has_not_is_said(shell):
    outcome = shell(*TINY, "--collect")
    assert "not run" in outcome.out
    assert outcome.out.splitlines()[-1] == "runs/studies/tiny/report.html"
    assert "2 of 2 planned cells have not finished: 2 to run" in outcome.err


def test_files_for_sbatch_and_what_to_do_with_them(shell, place):
    outcome = shell(*TINY, "launcher=script", "launcher.account=lab", "optimizer.lr=0.1", "--jobs", "1")
    assert outcome.status == 0
    assert re.fullmatch(r"runs/studies/tiny_[0-9a-f]{6}/slurm/cells.sbatch\n", outcome.out)
    assert f"\n  sbatch {outcome.out}" in outcome.err
    assert outcome.err.endswith("  fercli ablate tiny --config-dir conf optimizer.lr=0.1 --collect\n")
    text = (place / outcome.out.strip()).read_text()
    assert "#SBATCH --account=lab" in text
    assert "#SBATCH --array=0-1%1" in text
    assert "launcher" not in text


def test_a_launcher_of_the_user_is_one_yaml(shell, place):
    (place / "conf" / "launcher").mkdir()
    yaml = "# Our cluster\ndefaults: [script, _self_]\npartition: ours\n"
    (place / "conf" / "launcher" / "ours.yaml").write_text(yaml)
    written = shell(*TINY, "launcher=ours").out.strip()
    assert "#SBATCH --partition=ours" in (place / written).read_text()


def test_nothing_is_missing(shell, runs, place):
    for run in runs:
        (place / run).mkdir(parents=True)
        (place / run / "metrics.json").write_text("{}")
    outcome = shell(*TINY, "launcher=script")
    assert outcome.out == ""
    assert "Nothing is missing. The tables: fercli ablate tiny --config-dir conf --collect" in outcome.err


def test_cancelling_what_nobody_submitted(shell):
    assert shell(*TINY, "--cancel").out == "tiny on mnist: 0 jobs cancelled\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["launcher=slrum"],
            "no launcher named 'slrum'; did you mean 'slurm'? choices: local, lsf, pbs, ",
        ),
        (["launcher=slurm", "launcher.partitoin=x"], "did you mean 'partition'?"),
        (["--status", "--cancel"], "expected at most one of --dry-run, --explain, --status, --collect and --cancel"),
    ],
)
def test_messages(refused, arguments, message):
    assert message in refused(*TINY, *arguments)
