import json

import pytest


@pytest.fixture
def study(planned, finish, shell):
    """Call `fercli ablate small`, of which one seed has finished."""
    finish(planned.cells[3], 0.87)
    return lambda *words: shell("ablate", "small", "--config-dir", "conf", *words)


def test_a_number_is_traced_to_its_run(study, planned):
    printed = study("--explain", "DDA", "accuracy").out
    assert printed.startswith("small: DDA, accuracy\n  87.00 (n = 1) [86.00, 88.00], published 86.90\n")
    assert "\npublished   86.9 percent: DDA loss, Farzaneh 2020 (dissertation)\n" in printed
    assert "\nseed 0      87.00\n" in printed
    assert f"run       {planned.cells[3].run.path}\n" in printed
    assert "\nseed 1      not begun\n" in printed
    assert "repeat    fercli train data=rafdb" in printed


def test_the_same_for_scripts(study):
    origins = json.loads(study("--explain", "DDA", "accuracy", "--json").out)["origins"]
    assert [origin["value"] for origin in origins] == [pytest.approx(87), None, None]


def test_what_does_not_exist_is_one_clear_message(study):
    outcome = study("--explain", "DAD", "accuracy")
    assert (outcome.status, outcome.out) == (2, "")
    assert "no row named 'DAD' in small" in outcome.err


@pytest.mark.parametrize("words", [("--dry-run", "--explain", "DDA", "accuracy"), ("--time",)])
def test_options_that_do_not_go_together(study, words):
    outcome = study(*words)
    assert outcome.status == 2
    assert "error: expected" in outcome.err
