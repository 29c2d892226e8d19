from dataclasses import replace

import pytest

from fercli.errors import RunError
from fercli.launch.record import FILE, Submitted, add, latest, mark_cancelled, of_all_studies, submissions

FIRST = Submitted("DDA", 0, "runs/dda/seed0", "12_0", "fercli_small", "12_0.out", 1.0)
SECOND = replace(FIRST, seed=1, run="runs/dda/seed1", job="12_1")
AGAIN = replace(FIRST, job="13", time=2.0)


def test_what_is_added_is_there(tmp_path):
    assert submissions(tmp_path) == []
    add(tmp_path, [FIRST, SECOND])
    add(tmp_path, [AGAIN])
    assert submissions(tmp_path) == [FIRST, SECOND, AGAIN]
    assert latest(submissions(tmp_path)) == {FIRST.run: AGAIN, SECOND.run: SECOND}


def test_jobs_are_marked_as_cancelled(tmp_path):
    add(tmp_path, [FIRST, SECOND])
    mark_cancelled(tmp_path, ["12_1"])
    assert [entry.cancelled for entry in submissions(tmp_path)] == [False, True]


def test_a_training_that_two_studies_share_was_last_submitted_by_the_later_one(tmp_path):
    add(tmp_path / "studies" / "a", [AGAIN])
    add(tmp_path / "studies" / "b", [FIRST, SECOND])
    assert of_all_studies(tmp_path) == {FIRST.run: AGAIN, SECOND.run: SECOND}


@pytest.mark.parametrize("content", ["{", '[{"job": "1"}]', "[3]"])
def test_a_damaged_record_is_one_clear_message(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(RunError, match="is damaged"):
        submissions(tmp_path)
