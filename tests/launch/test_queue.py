import pytest

from fercli.errors import RunError
from fercli.launch.queue import Queued, cancel, queue, slurm

JOBS = """\
12_0|RUNNING|1:02|n1|fercli_small
12_1|PENDING|0:00|(Resources)|fercli_small
13|COMPLETED|9:00|n2|other|job
"""


def test_the_queue_is_what_waits_and_runs(program):
    program("squeue", f"cat <<'END'\n{JOBS}END")
    assert queue() == {
        "12_0": Queued("fercli_small", "running", "n1", "1:02"),
        "12_1": Queued("fercli_small", "pending", "(Resources)", "0:00"),
    }


def test_jobs_are_cancelled_by_their_ids(program, tmp_path):
    program("scancel", f'echo "$#" >>{tmp_path}/said')
    cancel([f"7_{index}" for index in range(501)])
    assert (tmp_path / "said").read_text().split() == ["500", "1"]


def test_what_slurm_says_is_passed_on(program):
    program("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(RunError, match=r"SLURM.s `squeue` failed: .*Unable to contact slurm controller"):
        queue()


def test_a_machine_without_slurm_is_one_clear_message(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RunError, match=r"expected SLURM's 'squeue' on this machine.*launcher=script"):
        slurm(["squeue"])
