"""Which runs a study refers to, read from a table that anybody may have written."""

import json

import pytest

from fercli.errors import RunError
from fercli.runs.studies import results_of, run_of, studies_by_run, studies_of


def table(runs, name, content):
    folder = runs / "studies" / name
    folder.mkdir(parents=True)
    (folder / "table.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_runs_and_evaluations_are_found_beside_the_study(tmp_path):
    results = ["/elsewhere/runs/dda_x/seed0", "runs/dda_x/seed1/eval/toy-test-f1-svm", "runs/dda_x/seed1"]
    study = table(tmp_path, "a", {"cells": [{"result": result} for result in results]})
    found = results_of(study)
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "dda_x/seed0", "dda_x/seed1/eval/toy-test-f1-svm", "dda_x/seed1",
    ]  # fmt: skip
    assert run_of(found[1]) == found[2]
    table(tmp_path, "b", {"cells": [{"result": "dda_x/seed1"}]})
    by_run, damaged = studies_by_run(tmp_path)
    assert by_run == {tmp_path / "dda_x" / "seed0": ["a"], tmp_path / "dda_x" / "seed1": ["a", "b"]}
    assert damaged == []
    assert list(studies_of(tmp_path / "dda_x" / "seed1")) == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"cells": 3}', '{"cells": [{}]}', '{"cells": [{"result": "../seed0"}]}', "[" * 100_000],
)
def test_a_damaged_table_is_one_message_and_is_not_silent(tmp_path, content):
    study = table(tmp_path, "a", content)
    with pytest.raises(RunError):
        results_of(study)
    assert studies_by_run(tmp_path)[0] == {}
    (sentence,) = studies_of(tmp_path / "dda_x" / "seed0")
    assert sentence.startswith("perhaps one more: ")
