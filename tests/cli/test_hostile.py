"""A store, a run and results that somebody hands over run nothing and write nothing outside their folders."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from tests.stores import describe, reseal

RUN = "${oc.create:{_target_:fercli.launch.queue.slurm,command:[touch,canary]}}"
CLASSES = (RUN, "${nope}", "[/b]", r"$\frac{x$", '=HYPERLINK("x")', "\x1b[2J\u202ered", "../../x", "'; touch canary; '")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a store of hostile class names and a run on it, both made by the commands."""
    from typer.testing import CliRunner

    from fercli.cli.app import app

    place = tmp_path_factory.mktemp("hostile") / "work"
    raw, rng = place / "raw", np.random.default_rng(0)
    raw.mkdir(parents=True)
    with open(raw / "labels.csv", "w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["image", "expression", "split", "subject"])
        for i in range(64):
            cv2.imwrite(str(raw / f"{i}.png"), rng.integers(0, 255, (28, 28, 3), dtype=np.uint8))
            split = ("train", "train", "val", "test")[i // 8 % 4]
            table.writerow([f"{i}.png", CLASSES[i % 8], split, f"$(touch canary) {RUN}"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for command in (
            "preprocess data=table raw=raw store=store data.size=28 detector=none num_workers=0",
            "train method=softmax data=table store=store runs=runs backbone=lenets augment.size=16 augment.shift=0 "
            "trainer.max_epochs=1 trainer.batch_size=8 trainer.accelerator=cpu logger=none "
            "metrics=[expression,minority]",
        ):
            done = CliRunner().invoke(app, command.split())
            assert done.exit_code == 0, done.output
    return place


def outside(place):
    """What lies beside the folder of the commands."""
    return {path: path.read_bytes() for path in place.parent.glob("*") if path.is_file()}


@pytest.fixture
def run(trained, monkeypatch):
    monkeypatch.chdir(trained)
    (found,) = trained.glob("runs/*/seed0")
    yield found.relative_to(trained)
    assert not list(trained.parent.rglob("canary"))
    assert {path.name for path in trained.parent.iterdir()} == {"work"}


def test_hostile_names_pass_every_command_as_names(shell, run):
    for command in (["eval", run], ["compare", "data=table"], ["verify", "runs", "store"], ["predict", "raw/0.png"]):
        also = ["--run", run, "--out", "out"] if command[0] == "predict" else []
        outcome = shell(*command, *also)
        assert outcome.status == 0, outcome.err
        assert "\x1b[2J" not in outcome.out + outcome.err
    page = (run / "report.html").read_text()
    assert "<script>alert" not in page
    written = Path("out/predictions.csv").read_text()
    assert not any(cell.startswith(("=", "@")) for row in csv.reader(written.splitlines()) for cell in row)


def test_a_store_with_a_path_for_a_name_is_refused(refused, run, trained):
    before = outside(trained)
    describe(Path("store"), name="../../outside")
    try:
        assert "expected letters, digits, _ and -" in refused("eval", run, "--store", "store")
    finally:
        describe(Path("store"), name="table")
    assert outside(trained) == before


@pytest.mark.parametrize(
    "part",
    [
        {"_target_": "os.system", "command": "touch canary"},
        {"_target_": "fercli.launch.queue.slurm", "command": ["touch", "canary"]},
        {"_target_": "torch.nn.Linear", "in_features": RUN},
    ],
)
def test_a_configuration_that_would_run_code_is_refused(refused, run, part):
    config = (run / "config.yaml").read_text()
    (run / "config.yaml").write_text(yaml.safe_dump(yaml.safe_load(config) | {"head": part}))
    reseal(run)
    try:
        assert "asks to run code outside" in refused("eval", run)
        assert "asks to run code outside" in refused("predict", "raw/0.png", "--run", run, "--out", "out2")
    finally:
        (run / "config.yaml").write_text(config)
        reseal(run)


def test_results_of_a_study_are_text(refused, shell, run):
    folder = Path("runs/studies/given")
    folder.mkdir(parents=True)
    cell = {"row": "<script>alert(1)</script>", "result": "../../../../etc/seed0", "finished": True}
    (folder / "table.json").write_text(json.dumps({"study": "given", "title": "<b>", "cells": [cell]}))
    (folder / "submitted.json").write_text(json.dumps([{"job": "-u root", "row": "a", "seed": 0}]))
    outcome = shell("verify", folder)
    assert outcome.status == 1
    assert "SHA256SUMS is missing" in outcome.out
