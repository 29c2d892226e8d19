"""`fercli runs` as people type it."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from fercli.cli import run_removal
from fercli.runs.folder import RunFolder


@pytest.fixture
def runs(run_path, tmp_path):
    """A folder with two seeds of a run, the second damaged, and a third that was stopped."""
    runs = tmp_path / "runs"
    name = Path(run_path).parent.name
    for seed in range(3):
        shutil.copytree(run_path, runs / name / f"seed{seed}")
    (runs / name / "seed1" / "metrics.json").write_text("{}")
    (runs / name / "seed2" / "metrics.json").unlink()
    return runs


@pytest.fixture
def first(runs):
    return next(runs.glob("*/seed0"))


@pytest.fixture
def answer(monkeypatch):
    """Answer the question of a command at a terminal."""

    def give(word):
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("typer.confirm", lambda question, err: asked.append(question) or word == "y")

    asked = []
    give.asked = asked
    return give


def test_list_shows_every_run_and_what_is_wrong(shell, runs):
    outcome = shell("runs", "list", runs)
    assert outcome.status == 0
    assert [line.split()[1] for line in outcome.out.splitlines()[1:4]] == ["finished", "damaged", "not"]
    assert "note: " in outcome.out
    assert outcome.err == f"3 of 3 runs in {runs}\n"
    rows = json.loads(shell("runs", "list", runs, "--state", "finished", "--json").out)["runs"]
    assert [row["seed"] for row in rows] == [0]
    assert set(rows[0]["metrics"]) >= {"accuracy", "macro_f1"}


@pytest.mark.parametrize("terminal", ["0", "1"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_names_states_and_results_are_never_broken(shell, runs, monkeypatch, width, terminal):
    """In a narrow terminal, what is known of a run stands below its name; a script always gets a line for each run."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TTY_COMPATIBLE", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    long = runs / ("softmax_" + 40 * "x") / "seed0"
    shutil.copytree(next(runs.glob("*/seed0")), long)
    printed = re.sub("\x1b\\[[0-9;]*m", "", shell("runs", "list", runs).out).splitlines()
    if terminal == "1":
        assert all(len(line) <= width for line in printed if len(line.split()) > 1 and "note:" not in line)
    else:
        assert sum(" finished " in line for line in printed) == 2
    words = " ".join(printed).split()
    assert {str(path.relative_to(runs)) for path in runs.glob("*/seed*")} <= set(words)
    assert sum(word.startswith("finished") for word in words) == 2


@pytest.mark.parametrize("command", ["list", "prune"])
def test_a_folder_that_does_not_exist_is_no_empty_one(refused, tmp_path, command):
    message = refused("runs", command, tmp_path / "none")
    assert message.startswith(f"expected a folder of runs, found no folder {tmp_path / 'none'}")


def test_list_of_nothing(shell, tmp_path):
    outcome = shell("runs", "list", tmp_path)
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err.startswith("0 of 0 runs")


def test_tag_and_note_are_found_again(shell, runs, first):
    assert shell("runs", "tag", first).out == "no tags\n"
    assert shell("runs", "tag", first, "baseline", "draft").out == "baseline\ndraft\n"
    assert shell("runs", "tag", first, "--remove", "draft").out == "baseline\n"
    assert shell("runs", "note", first, "with \x1b[2J in it").status == 0
    assert shell("runs", "note", first).out == "with \\x1b[2J in it\n"
    assert json.loads(shell("runs", "list", runs, "--tag", "baseline", "--json").out)["runs"][0]["tags"] == ["baseline"]
    shown = shell("runs", "show", first).out
    assert "baseline" in shown
    assert "accuracy (%)" in shown
    assert shell("verify", first).status == 0


@pytest.mark.parametrize("command", ["tag", "note"])
def test_a_second_run_is_no_tag_and_no_note(refused, first, command):
    assert "expected one run; found 2: " in refused("runs", command, first, first)


@pytest.mark.parametrize("seed", range(3))
def test_show_says_what_is_known_of_any_run(shell, runs, seed):
    folder = next(runs.glob(f"*/seed{seed}"))
    assert shell("runs", "show", folder).status == 0
    assert json.loads(shell("runs", "show", folder, "--json").out)["seed"] == seed


def test_diff_prints_tables_json_and_a_figure(shell, run_path, first, tmp_path):
    outcome = shell("runs", "diff", run_path, first, "--figure", tmp_path / "curves.png")
    assert outcome.status == 0
    assert "options: no difference" in outcome.out
    assert "differs for 0 of" in outcome.out
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(shell("runs", "diff", run_path, first, "--json").out)
    assert {row["difference"] for row in found["numbers"]} == {0.0}


def test_diff_refuses_what_it_cannot_compare(refused, first, run_path, tmp_path):
    assert "cannot be compared" in refused("runs", "diff", run_path, first.with_name("seed1"))
    assert ".png or .svg" in refused("runs", "diff", run_path, first, "--figure", tmp_path / "a.txt")
    assert "expected a run folder" in refused("runs", "show", tmp_path)


def test_nothing_is_deleted_without_an_answer(shell, refused, first, answer):
    outcome = shell("runs", "delete", first)
    assert outcome.status == 2
    assert "give --yes. Nothing was changed" in outcome.err
    answer("n")
    assert shell("runs", "delete", first).status == 1
    assert first.is_dir()
    answer("y")
    assert shell("runs", "delete", first).status == 0
    assert answer.asked == ["delete 1 run?"] * 2
    assert not first.exists()


def test_a_move_asks_only_where_a_study_refers_to_the_run(shell, runs, first, tmp_path):
    archive = tmp_path / "archive"
    outcome = shell("runs", "move", first, archive)
    assert (outcome.status, outcome.out) == (0, f"{archive / first.parent.name / 'seed0'}\n")
    study = archive / "studies" / "small"
    study.mkdir(parents=True)
    (study / "table.json").write_text(json.dumps({"cells": [{"result": f"x/{first.parent.name}/seed0"}]}))
    outcome = shell("runs", "move", archive / first.parent.name / "seed0", runs)
    assert outcome.status == 2
    assert "belongs to the studies small; a study finds its runs only beside it" in outcome.err
    assert shell("runs", "move", archive / first.parent.name / "seed0", runs, "--yes").status == 0
    assert first.is_dir()


def test_a_run_that_trains_is_neither_moved_nor_deleted(refused, first, tmp_path):
    with RunFolder(first).lock():
        for command in (["delete", first, "--yes"], ["move", first, tmp_path / "archive", "--yes"]):
            assert "a process trains in" in refused("runs", *command)
    assert "named twice" in refused("runs", "delete", first, first, "--yes")


def test_prune_deletes_what_did_not_finish_and_keeps_what_may_train(shell, runs, monkeypatch):
    outcome = shell("runs", "prune", runs, "--yes")
    assert outcome.status == 0
    assert "perhaps a process trains in it" in outcome.err
    assert len(list(runs.glob("*/seed*"))) == 3
    monkeypatch.setattr(run_removal, "RECENT", 0)
    with RunFolder(next(runs.glob("*/seed2"))).lock():
        assert "kept" in shell("runs", "prune", runs, "--yes").err
    assert shell("runs", "prune", runs, "--yes").err.endswith("deleted 1 run\n")
    assert sorted(path.name for path in runs.glob("*/seed*")) == ["seed0", "seed1"]
