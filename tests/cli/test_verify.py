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


@pytest.fixture
def of_own_code(copied, tmp_path, monkeypatch):
    """A run whose accuracy is a function of its user."""
    (tmp_path / "our_numbers.py").write_text("from fercli.metrics.classification import accuracy as ours\n")
    (tmp_path / "our_numbers.py").open("a").write("def accuracy(*columns):\n    return ours(*columns)\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = copied / "config.yaml"
    config.write_text(config.read_text().replace("fercli.metrics.classification.accuracy", "our_numbers.accuracy"))
    reseal(copied)
    return copied


def test_a_metric_of_ones_own_is_not_checked_but_is_not_called_damaged_until_it_is_trusted(shell, of_own_code):
    outcome = shell("verify", of_own_code)
    assert outcome.status == 1
    assert "damaged" not in outcome.out
    assert "metrics.json: accuracy is code outside of fercli (our_numbers.accuracy)" in outcome.out
    assert outcome.out.count("not checked: ") == 1  # all others are
    trusted = shell("verify", of_own_code, "--trust-config")
    assert (trusted.status, "not checked" in trusted.out) == (0, False)


def test_a_metric_of_ones_own_that_gives_another_number_is_found_once_it_is_trusted(shell, of_own_code):
    metrics = json.loads((of_own_code / "metrics.json").read_text())["metrics"]
    reseal(of_own_code, metrics=metrics | {"accuracy": metrics["accuracy"] | {"value": 0.99}})
    assert "it says accuracy 0.99" in shell("verify", of_own_code, "--trust-config").out


def test_a_loss_of_ones_own_is_not_in_the_way_of_a_check_of_the_numbers(shell, copied):
    config = copied / "config.yaml"
    config.write_text(config.read_text().replace("torch.nn.CrossEntropyLoss", "our_losses.Own"))
    assert "our_losses.Own" in config.read_text()
    reseal(copied)
    outcome = shell("verify", copied)
    assert (outcome.status, "damaged" in outcome.out) == (0, False)


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
    assert refused("verify", tmp_path).startswith("expected a store, run, study, export or pack, or a folder of these")
