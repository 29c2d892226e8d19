"""`fercli verify` says, file by file and number by number, what is not as it was."""

import json
import shutil
from pathlib import Path

import pytest

from tests.stores import reseal


@pytest.fixture
def copied(run_path, tmp_path):
    return Path(shutil.copytree(run_path, tmp_path / "runs" / Path(run_path).parent.name / "seed0"))


def flip(path, place=-40):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_sound_run_and_its_store(shell, copied, digits):
    outcome = shell("verify", copied.parents[1], digits, "--json")
    found = json.loads(outcome.out)
    assert (outcome.status, found["sound"]) == (0, True)
    names = {Path(one["path"]).name for one in found["files"]}
    assert {
        "metrics.json",
        "weights.ckpt",
        "predictions.parquet",
        "config.yaml",
        "dataset.json",
        "00000.arrow",
    } <= names
    assert {one["state"] for one in found["files"]} == {"sound"}


@pytest.mark.parametrize("name", ["config.yaml", "history.csv", "weights.ckpt", "predictions.parquet", "metrics.json"])
@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "gone"])
def test_a_damaged_file_is_named(shell, copied, name, damage):
    file = copied / name
    if damage == "bit":
        flip(file)
    elif damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 if damage == "cut" else 0])
    if (name, damage) == ("metrics.json", "gone"):  # a run without it is not finished, and no table has it
        assert shell("verify", copied).status == 0
        return
    outcome = shell("verify", copied)
    assert outcome.status == 1
    assert outcome.out.count(f"{file}: ") == 1
    assert outcome.out.startswith(("missing",) if damage == "gone" else ("damaged", "changed"))


def test_a_number_that_the_predictions_do_not_give_is_found_though_all_sums_are_right(shell, copied):
    metrics = json.loads((copied / "metrics.json").read_text())["metrics"]
    true = metrics["accuracy"]["value"]
    reseal(copied, metrics=metrics | {"accuracy": metrics["accuracy"] | {"value": 0.99}})
    outcome = shell("verify", copied)
    assert outcome.status == 1
    assert f"it says accuracy 0.99; its predictions give {true:.6g}" in outcome.out


def test_a_checkpoint_of_an_unfinished_run_is_checked(shell, copied):
    (copied / "metrics.json").unlink()
    (copied / "checkpoints").mkdir()
    (copied / "weights.ckpt").rename(copied / "checkpoints" / "last.ckpt")
    assert shell("verify", copied).status == 0
    flip(copied / "checkpoints" / "last.ckpt", 5000)
    outcome = shell("verify", copied)
    assert outcome.status == 1
    assert "damaged: " in outcome.out


def test_a_folder_of_nothing_is_refused(refused, tmp_path):
    assert refused("verify", tmp_path).startswith("expected a store, a run, a study or a folder of these")
