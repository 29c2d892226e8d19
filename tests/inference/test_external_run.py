import numpy as np
import pandas as pd
import pytest

from fercli.datasets.store import Store
from fercli.engine.reload import reload
from fercli.errors import ConfigError, RunError
from fercli.inference.external_run import evaluate_external
from fercli.published.caveats import caveats
from fercli.published.comparison import comparison, numbers
from fercli.runs.folder import RunFolder
from fercli.studies.verify import verify
from fercli.tables.export import render
from tests.stores import reseal, write_twins


@pytest.fixture(scope="module")
def store(once):
    return Store(once("external-run", lambda folder: write_twins(folder / "store")) / "store")


@pytest.fixture
def theirs(store, tmp_path):
    rows = store.rows("test")
    sad = np.where(store.labels[rows] == 0, 0.8, 0.3)
    sad[:4] = 1 - sad[:4]  # four errors, two of them with a twin in training
    frame = pd.DataFrame({"id": store.column("id")[rows], "prob_sadness": sad, "prob_happiness": 1 - sad})
    frame.to_csv(tmp_path / "theirs.csv", index=False)
    return tmp_path / "theirs.csv"


SAID = {"method": "DAN", "pretraining": "MS-Celeb-1M", "selection": "reported split"}


def test_the_numbers_are_those_of_the_predictions_with_and_without_twins(theirs, store, tmp_path):
    result = evaluate_external(theirs, store, None, SAID, tmp_path / "runs").run.result
    assert result["metrics"]["accuracy"]["value"] == 0.8
    assert result["metrics"]["accuracy"]["units"] == {"subject": 16}  # five of the 20 test rows are of one person
    assert result["without_twins"]["metrics"]["accuracy"]["units"] == {"subject": 14}
    assert result["without_twins"]["metrics"]["accuracy"]["value"] == pytest.approx(16 / 18)
    assert (result["method"], result["protocol"]["pretraining"], result["num_rows"]) == ("DAN", "MS-Celeb-1M", 20)
    assert result["external"]["left_out"]["missing"] == 0


def test_the_run_is_sound_and_stands_in_comparisons_as_external(theirs, store, tmp_path):
    found = evaluate_external(theirs, store, None, SAID, tmp_path / "runs")
    assert {finding.state for finding in verify(found.run.folder)} == {"sound"}
    text = render(comparison(numbers("toy", "accuracy", tmp_path / "runs")), "markdown")
    assert "Intervals of single runs: 95 %, over 16 subjects." in text
    assert "DAN" in text
    assert "external" in text
    assert "88.89 % on the 18 samples without a twin in training" in text


def test_an_interval_that_says_to_be_over_others_is_another_number(theirs, store, tmp_path):
    run = RunFolder(evaluate_external(theirs, store, None, SAID, tmp_path / "runs").run.folder)
    metrics = run.read_metrics()["metrics"]
    metrics["accuracy"]["units"] = {"row": 20}
    reseal(run.path, metrics=metrics)
    (found,) = [finding for finding in verify(run.path) if finding.state != "sound"]
    assert (found.state, found.detail) == (
        "another number",
        "it says that the interval of accuracy is over 20 samples; its predictions are of 16 subjects",
    )


def test_where_only_the_class_is_given_no_confidence_is_evaluated(theirs, store, tmp_path):
    frame = pd.read_csv(theirs)
    frame["predicted"] = np.where(frame["prob_sadness"] > 0.5, "sadness", "happiness")
    frame[["id", "predicted"]].to_csv(theirs, index=False)
    metrics = evaluate_external(theirs, store, None, SAID, tmp_path / "runs").run.result["metrics"]
    assert metrics["accuracy"]["value"] == 0.8
    assert "ece" not in metrics


def test_rows_without_a_prediction_are_a_caveat(theirs, store, tmp_path):
    pd.read_csv(theirs)[3:].assign(comment="fine").to_csv(theirs, index=False)
    result = evaluate_external(theirs, store, None, SAID, tmp_path / "runs").run.result
    assert "3 rows of the store without a prediction: not in the numbers." in caveats(result)
    assert (result["external"]["key"], result["external"]["unread"]) == ("id", ["comment"])


def test_other_predictions_do_not_replace_those_of_the_same_name_and_seed(theirs, store, tmp_path):
    runs = tmp_path / "runs"
    first = evaluate_external(theirs, store, None, SAID, runs).run.folder
    assert evaluate_external(theirs, store, None, SAID, runs).run.folder == first
    theirs.write_text(theirs.read_text().replace("0.8", "0.9"))
    with pytest.raises(ConfigError, match="holds other predictions"):
        evaluate_external(theirs, store, None, SAID, runs)
    assert evaluate_external(theirs, store, None, SAID, runs, seed=1).run.folder == first.parent / "seed1"
    with pytest.raises(RunError, match="there is no network"):
        reload(RunFolder(first))


@pytest.mark.parametrize(("said", "says"), [({"color": "x"}, "no field"), ({"selection": "luck"}, "no selection")])
def test_an_unknown_field_or_selection_is_refused(theirs, store, tmp_path, said, says):
    with pytest.raises(ConfigError, match=says):
        evaluate_external(theirs, store, None, said, tmp_path / "runs")


def test_a_name_of_others_cannot_leave_the_folder_of_runs(theirs, store, tmp_path):
    folder = evaluate_external(theirs, store, None, {"method": "../../\x1b[2J"}, tmp_path / "runs").run.folder
    assert folder.parent.parent == tmp_path / "runs"
    assert folder.parent.name.startswith("external_")


def test_groups_are_asked_for_by_any_column_and_verified(theirs, store, tmp_path):
    found = evaluate_external(theirs, store, None, SAID, tmp_path / "runs", by=["expression"]).run
    groups = found.result["groups"]["by"]["expression"]["groups"]
    assert {name: group["num_rows"] for name, group in groups.items()} == {"happiness": 11, "sadness": 9}
    assert groups["sadness"]["metrics"]["accuracy"]["reason"] == "fewer than 20 samples"
    run = RunFolder(found.folder)
    groups["sadness"]["metrics"]["accuracy"] = {"num_samples": 9, "num_units": 9, "value": 0.123}
    run.finish(found.result)
    (fault,) = [finding for finding in verify(run.path) if finding.state != "sound"]
    assert "it says accuracy of sadness by expression 0.123; its predictions give" in fault.detail


def test_without_groups_of_people_nothing_is_divided(theirs, store, tmp_path):
    assert "groups" not in evaluate_external(theirs, store, None, SAID, tmp_path / "runs").run.result
