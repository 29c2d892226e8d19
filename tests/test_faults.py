"""A sample of the fault suite of `make faults`: the quick commands, killed, failing, and reading damaged files."""

import signal

import pytest

from benchmarks.faults.cases import MISSED, corruptions, errors, kills, outcome
from benchmarks.faults.child import Ended
from benchmarks.faults.commands import COMMANDS, Place, prepare
from fercli.launch.warm import CONTEXT

pytestmark = pytest.mark.slow

FILES = ("store/dataset.json", "store/shards/00000.arrow", "metrics.json", "predictions.parquet", "weights.ckpt")
RIGHT = {"continued right", "refused", "left out"}


def sample(folder):
    """Three parts of (what was done, to what, outcome, last line said)."""
    place = prepare(folder, ["preprocess", "compare", "predict", "verify"])
    return [
        list(kills(place, 1, seed=0, commands=["preprocess"])),
        list(errors(place, 1, seed=0, commands=["compare", "predict", "verify"])),
        list(corruptions(place, 1, seed=0, names=FILES)),
    ]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The sample, in a process without threads that has the libraries loaded: the suite forks."""
    with CONTEXT.Pool(1) as pool:
        made = pool.apply(sample, [tmp_path_factory.mktemp("faults")])
        pool.close()
        pool.join()  # the server blocks the signal that ends a process at the end of this block
    return made


def test_no_fault_leads_to_a_wrong_number_a_traceback_a_crash_or_a_hang(parts):
    killed, failed, damaged = parts
    assert (len(killed), len(failed), len(damaged)) == (1, 3, len(FILES))
    assert [case for part in parts for case in part if case[2] not in RIGHT] == []


def test_the_faults_do_come(parts):
    killed, failed, damaged = parts
    assert [case for case in killed + failed if case[1].endswith(MISSED)] == []
    assert "refused" in {case[2] for case in failed}
    assert "refused" in {case[2] for case in damaged}


@pytest.mark.parametrize(
    ("status", "out", "err", "expected"),
    [
        (0, '{"sound": true}', "", "continued right"),
        (2, "", "error: a/metrics.json is damaged", "refused"),
        (0, '{"sound": false}', "", "wrong"),
        (0, "no JSON", "", "wrong"),
        (2, '{"sound": false}', "error: ", "wrong"),  # no word of what is wrong
        (1, "", "Traceback (most recent call last):\nKeyError: 'a'", "traceback"),
        (2, "", "error: Traceback (most recent call last):\nKeyError: 'a'", "traceback"),
        (-signal.SIGSEGV, '{"sound": true}', "", "crash"),
        (None, '{"sound": true}', "", "hang"),
    ],
)
def test_each_outcome_is_told_from_the_others(tmp_path, status, out, err, expected):
    place = Place(tmp_path, {"verify": True}, {})
    assert COMMANDS["verify"].arguments.endswith("--json")
    assert outcome(place, "verify", tmp_path, Ended(status, out, err, changes=0, operations=0)) == expected
