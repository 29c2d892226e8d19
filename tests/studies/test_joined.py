"""Folds are cells of a study; their joined predictions are its numbers, and nothing else is."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from fercli.errors import ConfigError, RunError
from fercli.facts import packaged_facts
from fercli.runs.collect import collect
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import read_results
from fercli.studies.decisions import verdicts
from fercli.studies.fold_tables import fold_tables
from fercli.studies.folds import fold_values, over_folds
from fercli.studies.grid import plan
from fercli.studies.study import Claim, study_from
from fercli.studies.tables import study_table
from fercli.studies.verdicts import claims_table
from fercli.studies.verify import verify
from tests.fixtures.plans import RAFDB
from tests.stores import reseal

CLASSES = ["fear", "anger"]
SIZES = (20, 30, 40)  # rows of the folds


@pytest.fixture
def folded(small, request_for):
    """Two rows, one seed, three folds."""
    rows = [{"label": name, "overrides": [f"method={name}"]} for name in ("center", "dda")]
    own = {"source": "ours", "table": "Table 1", "rows": rows, "claims": [], "seeds": [0], "intended": []}
    content = small | own | {"base": [*small["base"], "folds=k_fold", "folds.k=3"]}
    return plan(study_from("small", content), request_for("rafdb"))


def finish(cell, share_right, joined_as):
    """Write what the training of one fold leaves behind; the first rows of each fold are right."""
    number = SIZES[cell.fold - 1]
    truth = np.array([int(i % 3 > 0) for i in range(number)])
    answer = np.where(np.arange(number) < round(share_right * number), truth, 1 - truth)
    cell.run.path.mkdir(parents=True)
    frame = pd.DataFrame({"id": [f"fold {cell.fold} row {i:02}" for i in range(number)], "split": f"fold{cell.fold}"})
    frame["expression"], frame["predicted"] = (np.array(CLASSES)[column] for column in (truth, answer))
    for place, name in enumerate(CLASSES):
        frame[f"prob_{name}"] = (answer == place).astype(float)
    frame.to_parquet(cell.run.predictions)
    cell.run.config.write_text(yaml.safe_dump({"metrics": {}, "folds": {"k": 3, "fold": cell.fold}}))
    recall = np.mean([(answer[truth == place] == place).mean() for place in (0, 1)])
    values = {"accuracy": (answer == truth).mean(), "mean_class_accuracy": recall}
    counts = {"train": 60 - number // 2, "validation": 90 - 60 - number // 2, "evaluated": number}
    about = {"cross_validation": joined_as, "fold": cell.fold, "name": f"fold {cell.fold} of 3", "num_folds": 3}
    content = {
        "run_id": cell.run.run_id,
        "method": cell.label,
        "data": {"name": "rafdb", "fingerprint": "fingerprint of rafdb", "classes": CLASSES},
        "backbone": "resnet18",
        "seed": cell.seed,
        "protocol": asdict(RAFDB) | {"split": f"fold {cell.fold} of 3", "size": 90, "budget": "full"},
        "metrics": {name: {"value": float(v)} | packaged_facts()[name].document() for name, v in values.items()},
        "num_rows": number,
        "commit": None,
        "seconds": 60.0,
        "folds": about | {"num_rows": counts, "num_beside": 0, "left_out": {}},
    }
    cell.run.finish(content)
    return values


SHARES = {"center": (0.5, 0.6, 0.8), "dda": (0.6, 0.8, 0.85)}


@pytest.fixture
def finished(folded):
    """The plan with all folds finished, and the metrics of each fold by row."""
    names = {one.label: one.run.run_id for one in folded.joined}
    values = {"center": [], "dda": []}
    for cell in folded.cells:
        share = SHARES[cell.label][cell.fold - 1]
        values[cell.label].append(finish(cell, share, names[cell.label]))
    return folded, values


def test_each_fold_is_a_cell_with_a_folder_and_a_command_of_its_own(folded):
    assert [(cell.label, cell.part) for cell in folded.cells] == [
        (label, f"seed 0, fold {fold}") for label in ("center", "dda") for fold in (1, 2, 3)
    ]
    assert len({cell.run.path for cell in folded.cells} | {one.run.path for one in folded.joined}) == 8
    assert all(f"folds.fold={cell.fold}" in cell.command for cell in folded.cells)
    assert folded.missing == list(folded.cells)


def test_a_study_trains_every_fold_and_a_random_split_has_none_to_choose(small, request_for):
    study = study_from("small", small)
    with pytest.raises(ConfigError, match=r"remove folds\.fold=2"):
        plan(study, request_for("rafdb", overrides=("folds=k_fold", "folds.fold=2")))
    cells = plan(study, request_for("rafdb", overrides=("folds=random_split",))).cells
    assert [cell.fold for cell in cells] == [None] * 6


def test_until_all_folds_have_finished_there_is_no_number(folded):
    finish(folded.cells[0], 0.5, folded.joined[0].run.run_id)
    results = read_results(folded)
    assert results.runs.empty
    assert [left.reason for left in results.left_out] == [f"{n} of 3 folds have finished" for n in (1, 0)]
    assert fold_tables(results) == {}


def test_the_pooled_number_is_that_of_all_rows_and_the_mean_that_of_the_folds(finished):
    planned, values = finished
    results = read_results(planned)
    for label, shares in SHARES.items():
        right = sum(round(share * size) for share, size in zip(shares, SIZES, strict=True))
        assert results.values(label, "accuracy") == {0: pytest.approx(100 * right / 90)}
        found = fold_values(results, label, "accuracy")
        np.testing.assert_allclose(found.known, [100 * one["accuracy"] for one in values[label]])
    protocol = results.protocol("dda")
    assert (protocol.split, protocol.repeats) == ("all 3 folds", "3")
    low, high = results.interval("dda", "accuracy")
    assert low < results.values("dda", "accuracy")[0] < high
    (block,) = study_table(results).blocks
    assert [row.cells["accuracy"].n for row in block.rows] == [None, None]  # no "single run"
    table = fold_tables(results)["folds"]
    uses = {block.title: [row.cells["use"].text for row in block.rows] for block in table.blocks}
    assert uses == {"accuracy (%)": ["either"] * 2, "mean class accuracy (%)": ["pooled"] * 2}


def test_the_test_over_folds_is_the_corrected_one(finished):
    planned, values = finished
    results = read_results(planned)
    pairs = zip(values["dda"], values["center"], strict=True)
    differences = [100 * (one["accuracy"] - other["accuracy"]) for one, other in pairs]
    mean = sum(differences) / 3
    variance = sum((difference - mean) ** 2 for difference in differences) / 2
    train = sum(90 - size for size in SIZES) / 3
    t = mean / math.sqrt((1 / 3 + 30 / train) * variance)
    found = over_folds(*(fold_values(results, label, "accuracy") for label in ("dda", "center")))
    assert (found.num_folds, found.mean) == (3, pytest.approx(mean))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 2), rel=1e-9)
    rows = [row for block in fold_tables(results)["fold_tests"].blocks for row in block.rows]
    assert [row.label for row in rows] == ["dda minus center"] * 2
    assert rows[0].cells["p"].value == pytest.approx(2 * found.p)  # two tests in the table


def test_a_claim_about_rows_with_folds_is_decided_by_the_test_over_folds(folded):
    """With one seed, a test over seeds would decide nothing."""
    names = {one.label: one.run.run_id for one in folded.joined}
    shares = {"center": (0.5, 0.5, 0.5), "dda": (0.9, 0.933, 0.9)}
    for cell in folded.cells:
        finish(cell, shares[cell.label][cell.fold - 1], names[cell.label])
    claims = (Claim("dda", "center", "accuracy"), Claim("center", "dda", "accuracy"))
    results = read_results(replace(folded, study=replace(folded.study, claims=claims)))
    confirmed, refuted = verdicts(results)
    tested = over_folds(*(fold_values(results, label, "accuracy") for label in ("dda", "center")))
    assert confirmed.tests.comparison.over_folds == tested
    assert confirmed.tests.p_folds == pytest.approx(2 * tested.p)  # two claims
    assert (confirmed.outcome, refuted.outcome) == ("confirmed", "refuted")
    table = claims_table(results)
    assert [column.key for column in table.columns] == ["difference", "published", "verdict", "p_folds"]
    cells = table.blocks[0].rows[0].cells
    assert (cells["difference"].value, cells["difference"].n) == (pytest.approx(tested.mean), 3)
    assert cells["verdict"].text == "confirmed"


def test_a_claim_about_folds_within_their_spread_is_undecided(finished):
    planned, _ = finished
    claims = (Claim("dda", "center", "accuracy"),)
    results = read_results(replace(planned, study=replace(planned.study, claims=claims)))
    (found,) = verdicts(results)
    assert found.tests.p_folds > 0.05
    assert (found.outcome, found.seeds_needed) == ("undecided", None)


def test_rows_with_other_folds_are_not_subtracted(finished):
    planned, _ = finished
    cell = planned.cells[0]
    content = json.loads(cell.run.metrics.read_text())
    content["folds"]["num_rows"]["evaluated"] = 21
    reseal(cell.run.path, **content)
    results = read_results(planned)
    with pytest.raises(RunError, match="other folds"):
        over_folds(*(fold_values(results, label, "accuracy") for label in ("dda", "center")))
    rows = fold_tables(results)["fold_tests"].blocks[0].rows
    assert rows[0].cells["p"].text == "not tested"


def test_a_fold_that_was_trained_again_is_joined_again(finished):
    planned, _ = finished
    before = read_results(planned).values("center", "accuracy")[0]
    cell = planned.cells[2]
    for path in cell.run.path.iterdir():
        path.unlink()
    cell.run.path.rmdir()
    finish(cell, 1.0, planned.joined[0].run.run_id)
    assert read_results(planned).values("center", "accuracy")[0] == pytest.approx(before + 100 * 8 / 90)


def test_a_row_that_two_folds_have_predicted_is_refused(finished):
    planned, _ = finished
    second = planned.cells[1]
    frame = pd.read_parquet(second.run.predictions)
    frame.loc[0, "id"] = "fold 1 row 00"
    frame.to_parquet(second.run.predictions)
    reseal(second.run.path)
    results = read_results(planned)
    assert results.values("center", "accuracy") == {}
    assert "predicted one row" in next(left.detail for left in results.left_out)


def test_in_a_comparison_the_cross_validation_stands_for_its_folds(finished):
    planned, _ = finished
    read_results(planned)
    found = collect(planned.request.runs)
    assert sorted(found.runs["folder"].unique()) == sorted(str(one.run.path) for one in planned.joined)
    folds = [left.folder for left in found.left_out if left.reason == "a fold"]
    assert sorted(folds) == sorted(cell.run.path for cell in planned.cells)


def test_its_folder_is_sound_and_has_no_network(finished):
    from fercli.engine.reload import reload

    planned, _ = finished
    read_results(planned)
    folder = planned.joined[0].run.path
    assert {finding.state for finding in verify(folder)} == {"sound"}
    with pytest.raises(RunError, match="joins the folds"):
        reload(RunFolder(folder))
