import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
import yaml

from fercli.datasets.shards import write_shard
from fercli.datasets.store import Store
from fercli.engine.elsewhere import require_scale
from fercli.engine.reevaluation import Reevaluation
from fercli.errors import DataError
from fercli.runs.folder import RunFolder
from fercli.scales import named
from fercli.studies.verify import verify
from tests.engine.test_evaluation import DIGITS, copied, predictions, recorded, run, store_with
from tests.stores import describe, listed

__all__ = ["copied", "run", "store_with"]  # fixtures


def recorded_store(run):
    return yaml.safe_load(run.config.read_text())["store"]


def test_the_classes_in_common_are_evaluated_and_beside_them_all(copied, store_with):
    """Against plain loops over the predictions of the run on its own data."""
    own = predictions(copied.path)
    evaluated = Reevaluation.prepared(copied, store_with("7", "fear", "3", "4")).evaluate()
    both, whole = ("3", "4", "7"), RunFolder(Path(f"{evaluated.folder}-all_classes"))
    found = predictions(evaluated.folder)
    expected = own[own["expression"].isin(both)]
    assert found.index.tolist() == expected.index.tolist()
    right = 0
    for name, row in expected.iterrows():
        total = sum(row[f"prob_{digit}"] for digit in both)
        shares = {digit: row[f"prob_{digit}"] / total for digit in both}
        assert [found.loc[name, f"prob_{digit}"] for digit in both] == pytest.approx([*shares.values()], rel=1e-9)
        right += max(shares, key=shares.get) == row["expression"]
    assert evaluated.result["metrics"]["accuracy"]["value"] == pytest.approx(right / len(expected), rel=1e-12)
    assert evaluated.result["num_rows"] == len(expected) == 18
    common = {"classes": [*both], "left_out": {}, "unused": ["0", "1", "2", "5", "6", "8", "9"]}
    assert evaluated.result["in_common"] == common
    assert recorded(whole.path) == evaluated.on_all
    wholly = (expected["predicted"] == expected["expression"]).mean()
    assert evaluated.on_all["metrics"]["accuracy"]["value"] == pytest.approx(wholly, rel=1e-12)
    assert evaluated.on_all["protocol"]["classes"] == "4; the network knows 10, 3 of them"
    assert evaluated.evaluation.outputs.tolist() == [3, 4, 7]
    assert {finding.state for finding in verify(copied.path)} == {"sound"}


def test_rows_of_a_class_that_the_run_does_not_know_are_counted_and_wrong_among_all(copied, digits, tmp_path):
    store = tmp_path / "renamed"
    shutil.copytree(digits, store)
    table = Store(digits).table
    names = pa.array([{"3": "fear", "4": "pain"}.get(name, name) for name in table.column("expression").to_pylist()])
    table = table.set_column(table.schema.get_field_index("expression"), "expression", names)
    shutil.rmtree(store / "shards")
    (store / "shards").mkdir()
    shard = write_shard(store / "shards", 0, table.to_pylist(), [])
    classes = [*(name for name in DIGITS if name not in "34"), "fear", "pain"]
    describe(store, name="renamed", fingerprint="renamed", classes=classes, shards=listed([shard]))
    evaluated = Reevaluation.prepared(copied, store).evaluate()
    own = predictions(copied.path)
    assert evaluated.result["in_common"]["left_out"] == {"fear": 6, "pain": 6}
    assert evaluated.result["num_rows"] == 48
    assert evaluated.on_all["num_rows"] == 60
    right = own[~own["expression"].isin(["3", "4"])].eval("predicted == expression").sum()
    assert evaluated.on_all["metrics"]["accuracy"]["value"] == pytest.approx(right / 60, rel=1e-12)


def test_the_protocol_elsewhere_names_both_data_sets(copied, store_with):
    own = recorded(copied.path)["protocol"]
    there = {"dataset": "other digits", "crop": "as drawn"}
    options = {"detector": {"_target_": "fercli.preprocess.detect.WholeImage"}, "crop": {}, "no_face": "leave_out"}
    options["context"] = {}
    store = store_with(*DIGITS, protocol=there, options=options)
    protocol = Reevaluation.prepared(copied, store).evaluate().result["protocol"]
    assert protocol["dataset"] == f"{own['dataset']} to other digits"
    assert protocol["crop"].endswith(f"; trained on {own['crop']}")
    describe(store, **json.loads((Path(recorded_store(copied)) / "dataset.json").read_text()) | {"fingerprint": "else"})
    again = Reevaluation.prepared(copied, store).evaluate().result["protocol"]
    assert again["dataset"] == f"{own['dataset']} to another store of {own['dataset']}"
    assert again["crop"] == own["crop"]


def test_a_store_without_a_label_that_the_run_predicts_is_refused(copied, digits, tmp_path):
    store = tmp_path / "unlabelled"
    shutil.copytree(digits, store)
    table = Store(digits).table
    rows = [row | {"expression": None} for row in table.to_pylist()]
    shutil.rmtree(store / "shards")
    (store / "shards").mkdir()
    shard = write_shard(store / "shards", 0, rows, [])
    describe(store, fingerprint="unlabelled", shards=listed([shard]))
    with pytest.raises(DataError, match="with a label that the run predicts; found none"):
        Reevaluation.prepared(copied, store).evaluate()


def test_a_store_of_another_scale_is_not_evaluated(tmp_path):
    run = RunFolder(tmp_path)
    run.finish({"data": {"name": "x"}})  # of the BDI-II
    scores = SimpleNamespace(metrics={"mae": SimpleNamespace(reads=["score", "predicted_score"])})
    classes = SimpleNamespace(metrics={"accuracy": SimpleNamespace(reads=["expression", "probabilities"])})
    store = SimpleNamespace(path="stores/x", scale=named("phq9"))
    require_scale(classes, run, store)
    with pytest.raises(DataError, match=r"of the BDI-II, 0 to 63 points; .* stores/x are of the PHQ-9, 0 to 27 points"):
        require_scale(scores, run, store)
