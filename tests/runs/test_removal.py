"""Runs are moved and deleted whole, and never while a process trains in them."""

import errno
import os
from pathlib import Path

import pytest

from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.runs.removal import delete_run, given_run, last_change, move_run, size_of


@pytest.fixture
def run(tmp_path, write_run):
    run = RunFolder(write_run(tmp_path / "runs"))
    run.path.with_suffix(".log").write_text("epoch 1\n")
    (run.path / "figures").mkdir()
    (run.path / "figures" / "a.png").write_bytes(b"1234")
    return run


def content(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


@pytest.mark.parametrize("other_disk", [False, True])
def test_a_run_is_moved_with_its_log(run, tmp_path, monkeypatch, other_disk):
    rename = os.rename

    def refuse(source, target):
        if source == run.path:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    before = content(run.path)
    if other_disk:
        monkeypatch.setattr(os, "rename", refuse)
    moved = move_run(run, tmp_path / "archive")
    assert moved.path == tmp_path / "archive" / "dda_x" / "seed0"
    assert content(moved.path) == before
    assert moved.path.with_suffix(".log").read_text() == "epoch 1\n"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == []
    assert {path.name for path in moved.path.parent.iterdir()} == {"seed0", "seed0.log"}


def test_a_copy_that_is_not_what_was_read_changes_nothing(run, tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def copy_badly(source, target, symlinks):
        target.mkdir()
        for path in source.iterdir():
            (target / path.name).write_bytes(b"cut") if path.is_file() else (target / path.name).mkdir()

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr("shutil.copytree", copy_badly)
    before = content(run.path)
    with pytest.raises((RunError, FileNotFoundError)):
        move_run(run, tmp_path / "archive")
    assert content(run.path) == before
    assert list((tmp_path / "archive" / "dda_x").iterdir()) == []


def test_a_run_is_never_moved_onto_another(run, tmp_path):
    target = tmp_path / "archive" / "dda_x" / "seed0"
    target.mkdir(parents=True)
    with pytest.raises(RunError, match="already exists"):
        move_run(run, tmp_path / "archive")
    assert run.finished


def test_a_deleted_run_leaves_nothing(run, tmp_path, write_run):
    other = write_run(tmp_path / "runs", seed=1)
    delete_run(run)
    assert [path.name for path in other.parent.iterdir()] == ["seed1"]
    delete_run(RunFolder(other))
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("change", [delete_run, lambda run: move_run(run, run.path.parents[2] / "archive")])
def test_a_run_that_trains_stays(run, change):
    before = content(run.path)
    with run.lock(), pytest.raises(RunError, match="another process is training"):
        change(run)
    assert content(run.path) == before


def test_links_in_a_run_are_not_followed(run, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x" * 10_000)
    (run.path / "link").symlink_to(outside)
    assert size_of(run) < 10_000
    delete_run(run)
    assert (outside / "kept").exists()


def test_only_run_folders_are_accepted(run, tmp_path, monkeypatch):
    empty = tmp_path / "seed3"
    empty.mkdir()
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "seed0").symlink_to(run.path)
    for path in (tmp_path, empty, tmp_path / "nowhere" / "seed0", tmp_path / "link" / "seed0", run.path.parent):
        with pytest.raises(RunError):
            given_run(path)
    with pytest.raises(RunError, match=f"it holds the runs {run.path}"):
        given_run(run.path.parent)
    monkeypatch.chdir(run.path.parent)
    assert given_run(Path("seed0")).path == run.path


def test_the_last_change_is_that_of_the_newest_file(run):
    for path in [*run.path.glob("*"), run.path.with_suffix(".log")]:
        os.utime(path, (1, 1))
    assert last_change(run) > 1e8
    (run.path / "history.csv").touch()
    assert last_change(run) < 60
