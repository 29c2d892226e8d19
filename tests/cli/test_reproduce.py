"""A pack of a real run, trained again in another folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fercli.engine.classifier import Classifier
from fercli.errors import ConfigError
from fercli.runs.folder import RunFolder
from fercli.studies.refits import refits
from tests.stores import describe, reseal


@pytest.fixture(scope="module")
def with_classifier(run_path, tmp_path_factory):
    """A copy of the run with a classifier that was fitted to its features."""
    from fercli.engine.reevaluation import Reevaluation

    run = tmp_path_factory.mktemp("fitted") / Path(run_path).parent.name / "seed0"
    shutil.copytree(run_path, run)
    Reevaluation.prepared(RunFolder(run), classifier=Classifier.named("linear_svm", ["C=2"])).evaluate()
    return run


@pytest.fixture(scope="module")
def packed(run_path, tmp_path_factory):
    from fercli.runs.pack import pack

    file = tmp_path_factory.mktemp("packs") / "run.zip"
    pack(Path(run_path), file)
    return file


def repack(run_path, folder, change):
    """Pack a changed copy of the run."""
    from fercli.runs.pack import pack

    run = RunFolder(Path(shutil.copytree(run_path, folder / Path(run_path).parent.name / "seed0")))
    change(run)
    reseal(run.path)
    pack(run.path, folder / "changed.zip")
    return folder / "changed.zip"


def test_a_run_is_packed_verified_and_reproduced(shell, with_classifier, run_path, digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = shell("pack", with_classifier, "--json")
    said = json.loads(outcome.out)
    assert said["bytes"] == Path(said["pack"]).stat().st_size
    assert "already exists" in shell("pack", with_classifier).err
    outcome = shell("verify", said["pack"])
    assert outcome.status == 0
    assert "1 not packed" in outcome.out
    outcome = shell("reproduce", said["pack"], "--store", digits, "--json")
    assert outcome.status == 0
    network, fitted = json.loads(outcome.out)["experiments"]
    assert network["verdict"] == fitted["verdict"] == "identical"
    assert fitted["name"].startswith(f"{network['name']}, then mnist-test-")
    assert fitted["name"].partition("-linear_svm_")[1]
    assert fitted["predictions"][0]["num_samples"] == 60
    again = tmp_path / "reproduced" / Path(run_path).parent.name / "seed0"
    assert shell("verify", again).status == 0
    outcome = shell("reproduce", said["pack"], "--store", digits)  # finished before: only compared
    assert outcome.out.count("identical: every stored prediction is equal") == 2
    assert "(finished before)" in outcome.err
    assert "(fitted before)" in outcome.err


def test_another_result_has_exit_status_1(shell, run_path, digits, tmp_path, monkeypatch):
    def better(run):
        frame = pd.read_parquet(run.predictions)
        probabilities = [name for name in frame if name.startswith("prob_")]
        frame[probabilities] = np.eye(len(probabilities))[
            [probabilities.index(f"prob_{c}") for c in frame["expression"]]
        ]
        frame["predicted"] = frame["expression"]
        frame.to_parquet(run.predictions)
        content = json.loads(run.metrics.read_text())
        content["metrics"] = {"accuracy": content["metrics"]["accuracy"] | {"value": 1.0, "low": 1.0, "high": 1.0}}
        run.finish(content)

    monkeypatch.chdir(tmp_path)
    outcome = shell("reproduce", repack(run_path, tmp_path, better), "--store", digits)
    assert outcome.status == 1
    assert "not the same, over samples (accuracy): with 1 seed," in outcome.out


def test_check_says_what_differs_and_trains_nothing(shell, run_path, digits, tmp_path, monkeypatch):
    def older(run):
        origin = json.loads((run.path / "provenance.json").read_text())
        origin["versions"]["torch"], origin["hardware"]["processor"] = "1.13.0", "Z80"
        origin["packages"]["rich"] = "9.0"
        (run.path / "provenance.json").write_text(json.dumps(origin))

    monkeypatch.chdir(tmp_path)
    outcome = shell("reproduce", repack(run_path, tmp_path, older), "--store", digits, "--check")
    assert (outcome.status, outcome.out) == (0, "")
    assert "torch: trained with 1.13.0, here " in outcome.err
    assert "hardware: trained with Z80" in outcome.err
    assert "other packages: rich 9.0 / " in outcome.err
    assert not (tmp_path / "reproduced").exists()


def test_other_data_is_refused_with_what_differs(refused, packed, digits, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(digits, other)
    options = json.loads((digits / "dataset.json").read_text())["options"]
    describe(other, fingerprint="0" * 64, options=options | {"size": 99})
    message = refused("reproduce", packed, "--store", other)
    assert "expected a store with the data of" in message
    assert f"its option size is 99; the run was trained with {options['size']}" in message
    describe(other, options=options)
    assert "the files it was made from differ" in refused("reproduce", packed, "--store", other)
    assert "no store given" in refused("reproduce", packed)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["optimizer.lr=1"], "no option named 'optimizer.lr' for reproduce"),
        (["trainer.devices"], "cannot read 'trainer.devices'"),
        (["trainer.devices=${oc.env:HOME}"], "cannot read"),
        (["passer.store=x"], "has no option passer.store"),
        (["--seed", "7"], "has no run with the seeds 7"),
    ],
)
def test_what_cannot_be_asked(refused, packed, digits, words, message):
    assert message in refused("reproduce", packed, "--store", digits, *words)


def test_the_packed_run_is_not_compared_with_itself(refused, packed, run_path, digits):
    message = refused("reproduce", packed, "--store", digits, "--runs", Path(run_path).parents[1])
    assert "is the packed run itself" in message


@pytest.mark.parametrize(
    "line",
    [
        "augment: {_target_: os.system, command: touch canary}",
        "passer: {store: x, data: mnist, emotion: ['+method._target_=os.system']}",
        "passer: {store: x, data: mnist, emotion: ['method={_target_:os.system}']}",
        "passer: {store: x, data: '${oc.env:HOME}', emotion: []}",
    ],
)
def test_code_in_a_pack_is_not_run(refused, run_path, digits, tmp_path, line, monkeypatch):
    import yaml

    def hostile(run):
        content = yaml.safe_load(run.config.read_text()) | yaml.safe_load(line)
        run.config.write_text(yaml.safe_dump(content))

    monkeypatch.chdir(tmp_path)
    message = refused("reproduce", repack(run_path, tmp_path, hostile), "--store", digits)
    assert "--trust-config" in message
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "options",
    [
        {"_target_": "os.system", "_partial_": True, "C": 1.0},
        {"_target_": "sklearn.svm.LinearSVC", "_partial_": True, "C": {"_target_": "os.system"}},
        {"_target_": "sklearn.svm.LinearSVC", "_partial_": True, "C": "${oc.env:HOME}"},
    ],
)
def test_code_in_a_packed_classifier_is_not_run(with_classifier, options, tmp_path):
    own = Classifier.named("linear_svm").options
    run = RunFolder(Path(shutil.copytree(with_classifier, tmp_path / "run")))
    (folder,) = run.path.glob("eval/*")
    content = RunFolder(folder).read_metrics()
    content["classifier"]["options"] = {**own, **options}
    RunFolder(folder).finish(content)
    with pytest.raises(ConfigError, match="--trust-config"):
        refits(run, run)
    assert len(refits(run, run, trust=True)) == 1


def test_a_run_with_a_parent_needs_the_same_parent(shell, refused, training, run_path, digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    child = shell("train", f"init={run_path}", "--epochs", "1", f"runs={tmp_path}/runs").out.splitlines()[-1]
    shown = shell("runs", "show", child).out
    assert "started from" in shown
    assert shell("pack", child, "--output", "child.zip").status == 0
    shutil.copytree(run_path, tmp_path / "parent_x" / "seed0")
    outcome = shell("reproduce", "child.zip", f"init={tmp_path}/parent_x/seed0", "--store", digits)
    assert "identical: every stored prediction" in outcome.out
    message = refused("reproduce", "child.zip", f"init={child}", "--store", digits)
    assert "started from" in message
    assert "give it as init=<run>" in refused("reproduce", "child.zip", "init=nowhere/seed0", "--store", digits)


def test_a_damaged_pack_is_refused(refused, packed, digits, tmp_path):
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert "damaged" in refused("reproduce", tmp_path / "a.zip", "--store", digits)
