import pytest

from fercli.published.comparison import comparison, numbers
from fercli.published.comparison_explain import explain_row, explanation
from fercli.published.comparison_runs import measured_protocol

# What a run says of its protocol: the fields of `Protocol`, and what else makes runs comparable.
SAID = {
    "dataset": "FER+",
    "split": "test",
    "split_rule": "official",
    "labels": "majority of votes",
    "classes": "8",
    "pretraining": "none",
    "selection": "holdout",
    "criterion": "accuracy",
    "repeats": "1",
    "size": 48,
    "budget": "full",
}
FER = "official test, 8 classes, majority of votes, from scratch, epoch chosen on held-out training rows by accuracy"
FER += ", mean of runs"


def words(found, row):
    return explanation(explain_row(found, row), found)


def ours(data, runs, metric="accuracy"):
    table = comparison(numbers(data, metric, runs))
    return {part.title: part for part in table.blocks if part.title.startswith("our runs")}


def test_the_protocol_of_a_run_is_that_of_its_fields_and_what_it_lacks_is_not_said():
    found = measured_protocol({"data": "ferplus", "split": "test", "classes": "8", "size": 48.0, "selection": None})
    assert (found.dataset, found.split, found.classes, found.selection) == ("FER+", "test", "8", "")
    assert measured_protocol({"data": "affectnet_eyes8"}).dataset == "AffectNet"
    assert measured_protocol({"data": "folder"}).dataset == "folder"


def test_runs_of_different_protocol_are_in_different_blocks(tmp_path, write_run):
    write_run(tmp_path, "a", protocol=SAID)
    write_run(tmp_path, "b", protocol=SAID | {"selection": "reported split"})
    write_run(tmp_path, "c", protocol=SAID | {"pretraining": "ImageNet", "budget": "smoke", "num_train_rows": 256})
    assert set(ours("ferplus", tmp_path)) == {
        f"our runs: {FER}, 100 rows, 48 pixels",
        f"our runs: {FER.replace('from scratch', 'pre-trained on ImageNet')}, 100 rows, 48 pixels, budget smoke, "
        "trained on 256",
        f"our runs: {FER.replace('on held-out training rows', 'on this split')}, 100 rows, 48 pixels",
    }


def test_runs_that_saw_far_fewer_training_rows_are_in_a_block_of_their_own(tmp_path, write_run):
    for name, number in (("a", 64), ("b", 827), ("c", 800), ("d", 64)):
        write_run(tmp_path, name, protocol=SAID | {"num_train_rows": number})
    blocks = ours("ferplus", tmp_path)
    assert {title.partition(" pixels, ")[2]: len(part.rows) for title, part in blocks.items()} == {
        "trained on 64": 2,
        "trained on 800 to 827": 2,
    }


def test_runs_on_other_crops_are_in_another_block_and_the_titles_say_so(tmp_path, write_run):
    for name, fingerprint in (("a", "0123456789ab"), ("b", "ba9876543210")):
        data = {"name": "ferplus", "fingerprint": fingerprint, "classes": []}
        write_run(tmp_path, name, data=data, protocol=SAID)
    write_run(tmp_path, "c", num_rows=99, data={"name": "ferplus", "fingerprint": "f3", "classes": []}, protocol=SAID)
    assert [title.partition(" pixels")[2] for title in ours("ferplus", tmp_path)] == [
        ", store ferplus 01234567",
        ", store ferplus ba987654",
        "",  # evaluated on other rows, which its title says
    ]


def test_runs_whose_seeds_have_other_numbers_of_training_rows_share_a_block(tmp_path, write_run):
    for name, counts in {"a": (11001, 11044), "b": (11044, 10998)}.items():
        for seed, count in enumerate(counts):
            write_run(tmp_path, name, seed, protocol=SAID | {"num_train_rows": count})
    ((title, part),) = ours("ferplus", tmp_path).items()
    assert title.endswith("48 pixels, trained on 10,998 to 11,044")
    assert [row.cells["accuracy"].n for row in part.rows] == [2, 2]


def test_measured_and_published_numbers_never_make_a_difference(tmp_path, write_run):
    write_run(tmp_path, protocol=SAID)
    table = comparison(numbers("ferplus", "accuracy", runs=tmp_path))
    cells = [cell for part in table.blocks for row in part.rows for cell in row.cells.values()]
    assert any(cell.value is not None for cell in cells)
    assert all(cell.difference is None for cell in cells)


def scores(write_run, runs, name, seed=0, mae=9.0, **changes):
    """A run on AVEC2014 that predicts scores; `changes` as of `write_run`."""
    protocol = {"dataset": "AVEC2014", "split": "test", "selection": "holdout", "size": 48, "num_train_rows": 50}
    constants = {
        "mean": {"score": 15.0, "errors": {"mae": 10.0, "rmse": 12.0}},
        "median": {"score": 11.0, "errors": {"mae": 8.5, "rmse": 9.0}},
    }
    content = {
        "data": {"name": "avec2014", "fingerprint": "f1", "classes": []},
        "metrics": {"mae": {"value": mae}, "mae_session": {"value": mae}},
        "protocol": protocol,
        "constant_predictor": constants,
    }
    return write_run(runs, name, seed, **(content | changes))


def test_measured_scores_stand_beside_what_one_score_for_everybody_reaches(tmp_path, write_run):
    folders = [str(scores(write_run, tmp_path, "a", seed, mae=9.0 + seed)) for seed in range(2)]
    folders.append(str(scores(write_run, tmp_path, "b", mae=11.0)))
    ((title, part),) = ours("avec2014", tmp_path, "mae").items()
    assert title.startswith("our runs: test, epoch chosen on held-out training rows, mean of runs, 100 rows, 48 pixels")
    found = [(row.label, row.cells["mae"].value) for row in part.rows]
    assert found == [
        ("training median (11.0)", 8.5),
        ("dda, run a", 9.5),
        ("training mean (15.0)", 10.0),
        ("dda, run b", 11.0),
    ]
    assert sorted(part.rows[0].cells["mae"].sources) == sorted(folders)
    assert part.rows[0].cells["mae"].notes == ()
    assert len(ours("avec2014", tmp_path, "mae_session").popitem()[1].rows) == 2  # these errors are not recorded


def test_each_block_has_the_constants_of_its_own_runs(tmp_path, write_run):
    other = {"mean": {"score": 17.0, "errors": {"mae": 6.0, "rmse": 8.0}}}
    scores(write_run, tmp_path, "a")
    scores(
        write_run,
        tmp_path,
        "b",
        seed=1,
        constant_predictor={"mean": {"score": 16.0, "errors": {"mae": 11.0, "rmse": 12.0}}},
    )
    scores(write_run, tmp_path, "c", num_rows=40, constant_predictor=other)
    found = {
        title.rpartition(" rows,")[0][-3:].strip(): {row.label: row.cells["mae"] for row in part.rows}
        for title, part in ours("avec2014", tmp_path, "mae").items()
    }
    mean = found["100"]["training mean (15.0 to 16.0)"]
    assert (mean.value, mean.notes) == (10.5, ("10.00 to 11.00: the runs differ in their recordings",))
    assert set(found["40"]) == {"dda", "training mean (17.0)"}


def test_a_classifier_fitted_to_a_run_is_a_row_of_its_own_under_the_protocol_of_the_run(
    tmp_path, write_run, write_fitted
):
    write_fitted(write_run(tmp_path, "a", protocol=SAID))
    (part,) = ours("ferplus", tmp_path).values()
    assert [(row.label, row.cells["accuracy"].value) for row in part.rows] == [
        ("dda", 80),
        ("dda, then svm_0a1b2c", pytest.approx(70)),
    ]
    assert part.rows[0].notes == ()
    assert part.rows[1].notes == ("svm (radial kernel, exact) fitted to the features of 90 training samples",)
    assert {row.cells["from"].text for row in part.rows} == {"resnet18, run a"}


def test_the_name_of_such_a_row_explains_it_alone(tmp_path, write_run, write_fitted):
    write_fitted(write_run(tmp_path, "a", protocol=SAID))
    found = numbers("ferplus", "accuracy", tmp_path)
    (one,) = explain_row(found, "DDA, then svm_0a1b2c")["measured"]
    assert one["value"] == pytest.approx(70)
    assert one["classifier"].startswith("svm (radial kernel, exact)")
    assert "    classifier   svm (radial kernel, exact)" in explanation(
        explain_row(found, "dda, then svm_0a1b2c"), found
    )
    assert [line["name"].partition(",")[0] for line in explain_row(found, "a")["measured"]] == ["dda", "dda"]


def test_rows_of_one_method_that_differ_in_something_else_name_their_runs(tmp_path, write_run):
    for name, method, value in (("a", "dda", 0.8), ("b", "dda", 0.9), ("c", "softmax", 0.7)):
        write_run(tmp_path, name, accuracy=value, method=method, protocol=SAID)
    (block,) = ours("ferplus", tmp_path).values()
    assert [row.label for row in block.rows] == ["dda, run b", "dda, run a", "softmax"]
    assert "80.00" in words(numbers("ferplus", "accuracy", tmp_path), "DDA, run a")
