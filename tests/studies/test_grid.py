import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from fercli.errors import ConfigError, DataError
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.stores import describe


def test_one_cell_per_trained_row_and_seed(small_plan):
    assert [(cell.label, cell.seed) for cell in small_plan.cells] == [
        ("center", 0),
        ("center", 1),
        ("center", 2),
        ("DDA", 0),
        ("DDA", 1),
        ("DDA", 2),
    ]


def test_seeds_of_a_row_share_a_run_id_and_rows_do_not(small_plan):
    ids = {label: {cell.run.run_id for cell in small_plan.cells if cell.label == label} for label in ("center", "DDA")}
    assert len(ids["center"]) == len(ids["DDA"]) == 1
    assert ids["center"] != ids["DDA"]


def test_the_command_of_a_cell_runs_it_alone(small_plan, tmp_path):
    stores, runs = tmp_path / "stores", tmp_path / "runs"
    assert shlex.split(small_plan.cells[5].command) == [
        *["fercli", "train", "data=rafdb", "budget=full", "experiment=dda_dacl/rafdb", "method=dda"],
        *["seed=2", f"store={stores / 'rafdb'}", f"runs={runs}"],
    ]


def test_the_users_folders_follow_the_overrides_in_the_command(small_plan):
    cell = replace(small_plan.cells[0], overrides=("a=1",), config_dirs=(Path("mine"), Path("epochs=3")))
    assert cell.arguments == ("train", "a=1", "--config-dir", "mine", "--config-dir", "epochs=3")
    assert cell.command == "fercli train a=1 --config-dir mine --config-dir epochs=3"


def test_only_unfinished_cells_are_missing(small_plan, finish):
    finish(small_plan.cells[1])
    assert [(cell.label, cell.seed) for cell in small_plan.missing][:2] == [("center", 0), ("center", 2)]
    assert len(small_plan.missing) == 5


def test_a_claim_without_a_number_to_be_held_against_is_refused_before_anything_runs(small, request_for):
    small["claims"] = [{"better": "DDA", "worse": "gACNN", "metric": "mean_class_accuracy"}]
    with pytest.raises(ConfigError, match="expected its published number in mean_class_accuracy, found only accuracy"):
        plan(study_from("small", small), request_for("rafdb"))


def test_rows_that_share_a_training_run_it_once(small, request_for):
    small["rows"][1]["overrides"] = small["rows"][0]["overrides"]
    shared = plan(study_from("small", small), request_for("rafdb"))
    assert (len(shared.cells), len(shared.missing)) == (6, 3)


def test_rows_of_equal_overrides_share_a_training_and_each_classifier_is_fitted_to_it(fitted_plan):
    plain, svm, linear, alone = fitted_plan.cells
    assert plain.run == svm.run == linear.run != alone.run
    assert (plain.result, len({cell.result.path for cell in fitted_plan.cells})) == (plain.run, 4)
    assert svm.result.path.parent == plain.run.path / "eval"
    assert svm.result.path.name.startswith("rafdb-test-fingerpr-svm_")
    assert [cell.run for cell in fitted_plan.trainings] == [plain.run, alone.run]
    assert [cell.classifier for cell in fitted_plan.trainings] == [None, None]
    assert fitted_plan.fits == [svm, linear, alone]
    assert [cell.run for cell in fitted_plan.steps] == [plain.run, plain.run, plain.run, alone.run, alone.run]


def test_a_classifier_is_no_part_of_what_a_training_is(small, small_plan, fitted_plan):
    assert fitted_plan.cells[1].run == small_plan.cells[0].run


def test_the_command_of_a_classifier_evaluates_the_run(fitted_plan, tmp_path):
    cell = fitted_plan.cells[1]
    store = str(tmp_path / "stores" / "rafdb")
    assert shlex.split(cell.command) == ["fercli", "eval", str(cell.run.path), "--store", store, "--classifier", "svm"]
    assert cell.can_run is False
    assert cell.training.can_run


def test_options_of_a_users_classifier_are_part_of_where_its_numbers_lie(small, request_for, tmp_path):
    small["rows"][1] |= {"overrides": ["method=center"], "classifier": "mine"}
    names = []
    for c in (1, 10):
        (tmp_path / "conf" / "classifier").mkdir(parents=True, exist_ok=True)
        text = f"# Mine\n_target_: sklearn.svm.LinearSVC\n_partial_: true\nC: {c}\n"
        (tmp_path / "conf" / "classifier" / "mine.yaml").write_text(text)
        found = plan(study_from("small", small), request_for("rafdb", config_dirs=(tmp_path / "conf",)))
        names.append(found.cells[3].result.path.name)
    assert len(set(names)) == 2
    assert all(re.fullmatch("rafdb-test-fingerpr-mine_[0-9a-f]{6}", name) for name in names)


def test_a_classifier_that_does_not_exist_is_named(small, request_for):
    small["rows"][1]["classifier"] = "smv"
    with pytest.raises(ConfigError, match=r"no classifier named 'smv'; .*did you mean 'svm'"):
        plan(study_from("small", small), request_for("rafdb"))


def test_a_row_may_run_on_another_preparation_of_the_data(small, request_for):
    small["rows"][1]["prepared"] = "ferplus"
    study = study_from("small", small)
    found = plan(study, request_for("rafdb", "ferplus"))
    assert [cell.overrides[0] for cell in found.cells] == 3 * ["data=rafdb"] + 3 * ["data=ferplus"]
    assert found.data == "rafdb, ferplus"
    assert found.data_of == {"center": "rafdb", "DDA": "ferplus"}
    assert not found.other_data
    elsewhere = plan(study, request_for("rafdb", "ferplus", data="ferplus"))
    assert {cell.overrides[0] for cell in elsewhere.cells} == {"data=ferplus"}


def test_a_row_may_have_smoke_overrides_of_its_own_which_follow_those_of_the_study(small, request_for):
    small["rows"][1]["smoke"] = ["trainer.max_epochs=2"]
    study = study_from("small", small)
    added = {
        budget: [cell.overrides[2:-3] for cell in plan(study, request_for("rafdb", budget=budget, seeds=(0,))).cells]
        for budget in ("full", "smoke")
    }
    of_study, of_row = ("backbone.weights=null",), ("trainer.max_epochs=2",)
    assert added["smoke"] == [
        (*center, *more) for center, more in zip(added["full"], (of_study, of_study + of_row), strict=True)
    ]


def test_a_study_whose_rows_have_data_of_their_own_is_changed_by_data_for_all(small, request_for):
    """Also by that of some of its rows."""
    small["rows"][1]["prepared"] = "ferplus"
    asked = plan(study_from("small", small), request_for("rafdb", "ferplus", data="rafdb"))
    assert asked.other_data
    assert asked.folder.name == "small_rafdb"


def test_tables_of_other_data_and_budgets_lie_apart(small, request_for):
    study = study_from("source/small", small)
    names = [
        plan(study, request_for("rafdb", "ferplus", **options)).folder.name
        for options in ({}, {"data": "ferplus"}, {"data": "ferplus", "budget": "smoke"})
    ]
    assert names == ["source_small", "source_small_ferplus", "source_small_ferplus_smoke"]


def folder_with(small, request_for, *overrides, **options):
    return plan(study_from("small", small), request_for("rafdb", overrides=overrides, **options)).folder.name


def test_the_tables_of_a_changed_study_lie_beside_those_of_the_study(small, request_for):
    longer = folder_with(small, request_for, "trainer.max_epochs=61")
    assert re.fullmatch("small_[0-9a-f]{6}", longer)
    assert longer != folder_with(small, request_for, "trainer.max_epochs=62")
    both = ("trainer.max_epochs=61", "optimizer.lr=0.1")
    assert folder_with(small, request_for, *both) == folder_with(small, request_for, *reversed(both))
    twice = ("optimizer.lr=0.1", "optimizer.lr=0.2")  # of which the last one counts
    assert folder_with(small, request_for, *twice) != folder_with(small, request_for, *reversed(twice))


def test_what_does_not_change_results_does_not_change_the_folder(small, request_for):
    assert folder_with(small, request_for, "trainer.accelerator=cpu", "trainer.num_workers=2", "logger=none") == "small"


def test_the_number_of_processes_changes_the_folder_where_each_has_rows_of_its_own(small, request_for):
    apart = [f"trainer.devices={number}" for number in (1, 2)]
    assert {folder_with(small, request_for, devices) for devices in apart} == {"small"}
    folders = {folder_with(small, request_for, "trainer.global_batch=false", devices) for devices in apart}
    assert len(folders) == 2


def test_the_tables_of_another_store_lie_apart_by_its_content(small, request_for, tmp_path):
    request_for("rafdb")
    own = tmp_path / "stores" / "rafdb"
    assert folder_with(small, request_for, store=own) == "small"
    names = {}
    for name, fingerprint in {"copy": "other crops", "again": "other crops", "third": "third crops"}.items():
        describe(tmp_path / name, name="rafdb", fingerprint=fingerprint)
        names[name] = folder_with(small, request_for, store=tmp_path / name)
    assert names["copy"] == names["again"]
    assert len({"small", *names.values()}) == 3


def test_overrides_reach_every_cell_and_change_its_run(small, small_plan, request_for):
    longer = plan(study_from("small", small), request_for("rafdb", overrides=("trainer.max_epochs=61",)))
    assert all("trainer.max_epochs=61" in cell.overrides for cell in longer.cells)
    assert not {cell.run.path for cell in longer.cells} & {cell.run.path for cell in small_plan.cells}


@pytest.mark.parametrize(
    ("override", "option"), [("seed=1", "--seeds"), ("data=mnist", "--data"), ("+budget=x", "--budget")]
)
def test_what_has_an_option_is_refused_as_override(small, request_for, override, option):
    with pytest.raises(ConfigError, match=option):
        plan(study_from("small", small), request_for("rafdb", overrides=(override,)))


def test_a_row_that_does_not_compose_is_named(small, request_for):
    small["rows"][1]["overrides"] = ["method=dada"]
    with pytest.raises(ConfigError, match=r"no method named 'dada'(.|\n)*row 'DDA' of study small"):
        plan(study_from("small", small), request_for("rafdb"))


def test_a_method_that_the_source_does_not_print_is_named_before_anything_runs(small, request_for):
    small["rows"][1]["published"] = "DDA los"
    with pytest.raises(ConfigError, match="did you mean 'DDA loss'"):
        plan(study_from("small", small), request_for("rafdb"))


def test_a_metric_may_be_that_of_some_rows(small, request_for):
    small["rows"].insert(2, {"label": "affect", "overrides": ["method=affect_regression", "metrics=[affect]"]})
    found = plan(study_from("small", small | {"metrics": ["accuracy", "ccc_valence"]}), request_for("rafdb"))
    assert {"accuracy", "ccc_valence"} <= set(found.config.metrics)
    assert found.cells[0].run.run_id == plan(study_from("small", small), request_for("rafdb")).cells[0].run.run_id


def test_a_claim_in_a_metric_that_its_row_lacks_is_refused(small, request_for):
    small["rows"].insert(2, {"label": "affect", "overrides": ["method=affect_regression", "metrics=[affect]"]})
    small["claims"] = [{"better": "affect", "worse": "center", "metric": "accuracy"}]
    with pytest.raises(ConfigError, match="claims something of 'affect' in the metric 'accuracy', which this row"):
        plan(study_from("small", small), request_for("rafdb"))


def test_a_metric_that_is_not_computed_is_refused(small, request_for):
    small |= {"metrics": ["acuracy"], "claims": []}
    with pytest.raises(ConfigError, match="did you mean 'accuracy'"):
        plan(study_from("small", small), request_for("rafdb"))


def test_a_missing_store_comes_with_the_command_that_makes_it(small, request_for, tmp_path):
    with pytest.raises(DataError, match="fercli preprocess data=rafdb raw=<folder, zip or file> store="):
        plan(study_from("small", small), request_for("ferplus"))


def test_a_store_of_other_data_is_refused(small, request_for, tmp_path):
    request = request_for("ferplus", store=tmp_path / "stores" / "ferplus")
    with pytest.raises(DataError, match="holds 'ferplus'; study small runs on 'rafdb'"):
        plan(study_from("small", small), request)
