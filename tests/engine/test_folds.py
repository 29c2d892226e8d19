"""A training of one fold: evaluated on it alone, then and later."""

from pathlib import Path

import pytest

from fercli.engine.reevaluation import Reevaluation
from fercli.engine.training import train
from fercli.errors import ConfigError, DataError
from fercli.runs.folder import RunFolder


@pytest.fixture(scope="module")
def run(once, digits_config_at):
    def fill(folder):
        cfg = digits_config_at(folder)("folds=stratified_grouped", "folds.k=3", "folds.fold=2", "trainer.max_epochs=1")
        (folder / "path").write_text(str(train(cfg, []).path))

    return RunFolder(Path((once("fold-of-digits", fill) / "path").read_text()))


def test_it_says_which_fold_it_is_and_how_the_rows_were_divided(run):
    result = run.read_metrics()
    protocol, folds = result["protocol"], result["folds"]
    assert (protocol["split"], protocol["selection"]) == ("fold 2 of 3", "holdout")
    assert protocol["split_rule"].startswith("stratified 3-fold cross-validation of all rows by subject, else video")
    assert (folds["fold"], folds["num_folds"], folds["num_beside"], folds["left_out"]) == (2, 3, 0, {})
    assert folds["num_rows"]["evaluated"] == result["num_rows"] == 120  # of 360
    assert folds["num_rows"]["train"] == 90
    assert folds["cross_validation"] != result["run_id"]


def test_it_is_evaluated_again_on_its_fold_and_on_no_rows_that_it_was_trained_on(run):
    again = Reevaluation.prepared(run).evaluate()
    assert again.evaluation.split == "fold2"
    assert again.changed == {}
    with pytest.raises(DataError, match=r"its own fold \(fold2\)"):
        Reevaluation.prepared(run, split="test").evaluate()


def test_it_cannot_learn_from_a_validation_split_that_the_folds_divide(digits_config):
    from fercli.datasets.store import Store
    from fercli.engine.build import build_data

    cfg = digits_config("folds=k_fold", "folds.fold=1", "selection=last", "selection.with_validation=true")
    with pytest.raises(ConfigError, match="already divide the validation split"):
        build_data(cfg, Store(cfg.store))
