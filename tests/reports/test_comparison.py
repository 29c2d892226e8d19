import pandas as pd
import pytest

from fercli.errors import ConfigError
from fercli.reports.comparison import comparison, numbers, timeline


def table_of(data, metric="accuracy", runs="runs", top=None, **chosen):
    return comparison(numbers(data, metric, runs, **chosen), top)


def labels(table):
    return [row.label for block in table.blocks for row in block.rows]


def block(table, start):
    (found,) = [block for block in table.blocks if block.title.startswith(start)]
    return {row.label: row.cells for row in found.rows}


def test_published_and_repeated_values_stand_side_by_side(tmp_path):
    cells = block(table_of("rafdb", runs=tmp_path), "published: 7 classes, official test")["POSTER++"]
    assert cells["accuracy"].published == 92.21
    assert (cells["repeated"].value, cells["repeated"].sd, cells["repeated"].n) == (75.6, 0.9, 10)
    assert cells["repeated"].notes == ("FER-crossval 2025, mean over ten seeds",)


def test_several_repeats_become_a_range_with_a_footnote_each(tmp_path):
    table = table_of("rafdb", runs=tmp_path)
    cell = block(table, "published: official split 12,271 train / 3,068 test; 7 classes; ResNet-18; MS-Celeb")[
        "DACL [MS-CELEB-1M]"
    ]["repeated"]
    assert cell.text == "85.66 to 87.22"
    assert len(cell.notes) == 4
    assert cell.notes[0].startswith("85.66: users of the released code")


def test_a_method_known_only_from_a_repeat_is_shown(tmp_path):
    cells = block(table_of("rafdb", runs=tmp_path), "known only from repeats")
    assert (cells["PAtt-Lite"]["accuracy"].published, cells["PAtt-Lite"]["repeated"].value) == (95.05, 88.07)
    assert cells["LNSU-Net"]["accuracy"].published is None


def test_rows_are_sorted_best_first_in_the_direction_of_the_metric(tmp_path):
    for data, metric, sign in [("ferplus", "accuracy", -1), ("avec2014", "mae", 1)]:
        for part in table_of(data, metric, tmp_path).blocks:
            values = [row.cells[metric].published for row in part.rows if row.cells[metric].published is not None]
            assert values == sorted(values, key=lambda value: sign * value)


def test_a_number_that_its_source_prints_twice_is_shown_once(tmp_path):
    rows = [row.label for part in table_of("rafdb", runs=tmp_path).blocks for row in part.rows]
    assert "DDA loss" in rows
    assert "DDA loss [ImageNet]" not in rows


def test_modality_is_said_only_where_it_tells_rows_apart(tmp_path):
    table = table_of("caer", runs=tmp_path)
    assert {"CAER-Net (face)", "CAER-Net (context)", "CAER-Net (face+context)"} <= set(
        block(table, "published: Data type column: Video")
    )
    assert all(
        "(visual)" not in row.label for part in table_of("avec2013", "mae", tmp_path).blocks for row in part.rows
    )


def test_a_preparation_stands_beside_what_is_published_of_its_data_set(tmp_path, write_run):
    eyes = {"name": "affectnet_eyes", "fingerprint": "f2", "classes": ["neutral", "happiness"]}
    write_run(tmp_path, data=eyes)
    tables = [table_of(name, runs=tmp_path) for name in ("affectnet", "affectnet_eyes")]
    assert tables[0] == tables[1]
    labels = [row.label for part in tables[0].blocks for row in part.rows]
    assert "Emotion-GCN" in labels
    assert any(label.startswith("dda") for label in labels)


def test_our_seeds_become_one_row_in_percent_traced_to_their_folders(tmp_path, write_run):
    folders = [write_run(tmp_path, seed=seed, accuracy=value) for seed, value in enumerate([0.84, 0.86])]
    cell = block(table_of("ferplus", runs=tmp_path), "our runs")["dda"]["accuracy"]
    assert cell.value == pytest.approx(85, rel=1e-12)
    assert cell.sd == pytest.approx(2**0.5, rel=1e-9)
    assert (cell.n, cell.low, cell.published) == (2, None, None)
    assert cell.sources == tuple(map(str, folders))


def test_runs_of_different_protocol_are_in_different_blocks(tmp_path, write_run):
    protocol = {"split": "val", "selection": "holdout", "weights": None, "size": 48, "num_classes": 8, "budget": "full"}
    write_run(tmp_path, "a", protocol=protocol)
    write_run(tmp_path, "b", protocol=protocol | {"split": "test", "selection": "paper"})
    write_run(tmp_path, "c", protocol=protocol | {"weights": "IN1K", "budget": "smoke", "num_train_rows": 256})
    titles = [part.title for part in table_of("ferplus", runs=tmp_path).blocks if part.title.startswith("our runs")]
    assert titles == [
        "our runs: 100 test images, 8 classes, 48 pixels, best epoch chosen on this very split, no pretrained weights",
        "our runs: 100 val images, 8 classes, 48 pixels, selection holdout, no pretrained weights",
        "our runs: 100 val images, 8 classes, 48 pixels, selection holdout, weights IN1K, budget smoke, trained on 256",
    ]


def ours(data, runs, metric="accuracy"):
    return {part.title: part for part in table_of(data, metric, runs).blocks if part.title.startswith("our runs")}


def test_runs_on_other_crops_are_in_another_block_and_the_titles_say_so(tmp_path, write_run):
    for name, fingerprint in (("a", "0123456789ab"), ("b", "ba9876543210")):
        write_run(tmp_path, name, data={"name": "ferplus", "fingerprint": fingerprint, "classes": []})
    write_run(tmp_path, "c", num_rows=99, data={"name": "ferplus", "fingerprint": "f3", "classes": []})
    titles = list(ours("ferplus", tmp_path))
    assert [title.partition(", no pretrained weights")[2] for title in titles] == [
        ", store ferplus 01234567",
        ", store ferplus ba987654",
        "",  # judged on other rows, which its title says
    ]


def test_runs_whose_seeds_have_other_numbers_of_training_rows_share_a_block(tmp_path, write_run):
    protocol = {"split": "val", "selection": "holdout", "weights": None, "size": 48, "num_classes": 8, "budget": "full"}
    for name, counts in {"a": (11001, 11044), "b": (11044, 10998)}.items():
        for seed, count in enumerate(counts):
            write_run(tmp_path, name, seed, protocol=protocol | {"num_train_rows": count})
    ((title, part),) = ours("ferplus", tmp_path).items()
    assert title.endswith(", no pretrained weights, trained on 10,998 to 11,044")
    assert [row.cells["accuracy"].n for row in part.rows] == [2, 2]


def scores(write_run, runs, name, seed=0, mae=9.0, **changes):
    """A run on AVEC2014 that predicts scores; `changes` as of `write_run`."""
    protocol = {"split": "test", "selection": "holdout", "size": 48, "num_classes": 0, "num_train_rows": 50}
    constants = {"mean": {"score": 15.0, "mae": 10.0, "rmse": 12.0}, "median": {"score": 11.0, "mae": 8.5, "rmse": 9.0}}
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
    assert title.startswith("our runs: 100 test images, 48 pixels, selection holdout")  # of no class
    found = [(row.label, row.cells["mae"].value) for row in part.rows]
    assert found == [
        ("median of the training scores (11.0) for everybody", 8.5),
        ("dda", 9.5),
        ("mean of the training scores (15.0) for everybody", 10.0),
        ("dda", 11.0),
    ]
    assert sorted(part.rows[0].cells["mae"].sources) == sorted(folders)
    assert part.rows[0].cells["mae"].notes == ()
    assert len(ours("avec2014", tmp_path, "mae_session").popitem()[1].rows) == 2  # these errors are not recorded


def test_each_block_has_the_constants_of_its_own_runs(tmp_path, write_run):
    other = {"mean": {"score": 17.0, "mae": 6.0, "rmse": 8.0}}
    scores(write_run, tmp_path, "a")
    scores(write_run, tmp_path, "b", seed=1, constant_predictor={"mean": {"score": 16.0, "mae": 11.0, "rmse": 12.0}})
    scores(write_run, tmp_path, "c", num_rows=40, constant_predictor=other)
    found = {
        title.partition(" test")[0]: {row.label: row.cells["mae"] for row in part.rows}
        for title, part in ours("avec2014", tmp_path, "mae").items()
    }
    mean = found["our runs: 100"]["mean of the training scores (15.0 to 16.0) for everybody"]
    assert (mean.value, mean.notes) == (10.5, ("10.00 to 11.00: the runs differ in their recordings",))
    assert set(found["our runs: 40"]) == {"dda", "mean of the training scores (17.0) for everybody"}


def test_a_metric_that_only_our_runs_have_is_compared_among_them(tmp_path, write_run):
    write_run(tmp_path)
    table = table_of("ferplus", "ece", tmp_path)
    assert [column.key for column in table.columns] == ["from", "ece", "flags"]
    assert block(table, "our runs")["dda"]["ece"].value == pytest.approx(10)


def test_runs_of_a_reconstruction_are_marked_as_such(tmp_path, write_run):
    write_run(tmp_path)
    assert not any("reconstruction" in note for note in table_of("ferplus", runs=tmp_path).notes)
    write_run(tmp_path, "b", method="dj_ldml")
    assert sum("DJ-LDML is a reconstruction" in note for note in table_of("ferplus", runs=tmp_path).notes) == 1


def test_flags_say_what_is_to_be_known_of_a_number(tmp_path, write_run):
    write_run(tmp_path)
    table = table_of("rafdb", runs=tmp_path)
    newer = block(table, "published: 7 classes, official test")
    assert newer["POSTER++"]["flags"].text == "repeats fall short by 16.61"
    assert newer["SCN"]["flags"].text == "second-hand"
    assert "flags" not in newer["QCS"]
    assert block(table_of("ferplus", runs=tmp_path), "our runs")["dda"]["flags"].text == "one seed"


def test_the_years_of_published_numbers_can_be_limited(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []})
    table = table_of("rafdb", runs=tmp_path, since=2024)
    assert labels(table) == ["dda", "ResEmoteNet", "FMAE (ViT-L)", "QCS", "MFTN-FER"]
    assert any("are not shown: before 2024 or without a year." in note for note in table.notes)


def test_the_kinds_of_numbers_can_be_chosen(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []})
    assert labels(table_of("rafdb", runs=tmp_path, include=["measured"])) == ["dda"]
    newer = labels(table_of("rafdb", runs=tmp_path, include=["frontier"]))
    assert {"POSTER++", "PAtt-Lite"} <= set(newer)
    assert not {"dda", "DDA loss"} & set(newer)
    published = table_of("rafdb", runs=tmp_path, include=["published"])
    assert "DDA loss" in labels(published)
    assert any("are not shown: of another kind than published." in note for note in published.notes)


def test_only_the_best_of_each_published_block(tmp_path):
    table = table_of("rafdb", runs=tmp_path, top=2)
    assert max(len(part.rows) for part in table.blocks) == 2
    assert list(block(table, "published: 7 classes, official test")) == ["ResEmoteNet", "FMAE (ViT-L)"]
    assert table.notes[-1].startswith("Of each published block the best 2 are shown;")


def test_the_picture_shows_published_repeated_and_measured_numbers(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []}, accuracy=0.83)
    (axes,) = timeline(numbers("rafdb", runs=tmp_path)).axes
    drawn = {(round(float(x)), float(y)) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    assert {(2024, 94.76), (2024, 80.0), (2023, 92.21), (2023, 75.6), (2020, 86.9)} <= drawn
    assert "our dda, resnet18 (n = 1)" in {line.get_label() for line in axes.lines if set(line.get_ydata()) == {83.0}}


def test_runs_on_other_data_stay_out(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []})
    assert not [part for part in table_of("ferplus", runs=tmp_path).blocks if part.title.startswith("our runs")]


def test_run_folders_that_cannot_be_used_are_counted_below(tmp_path, write_run):
    (write_run(tmp_path) / "metrics.json").write_text("{")
    (write_run(tmp_path, seed=1) / "metrics.json").unlink()
    assert (
        table_of("ferplus", runs=tmp_path).notes[-1] == "Run folders left out: 1 not begun, 1 unreadable metrics.json."
    )


def test_every_data_set_and_metric_in_print_gives_a_table(tmp_path):
    from fercli.reports.export import render
    from fercli.reports.published import published

    pairs = published().loc[lambda frame: frame["data"] != "", ["data", "metric"]].drop_duplicates()
    assert isinstance(pairs, pd.DataFrame)
    for data, metric in pairs.itertuples(index=False):
        assert "published" in render(table_of(data, metric, tmp_path), "markdown")


def test_a_kind_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"no kind of numbers named 'frontiers'; choices: .*did you mean 'frontier'"):
        numbers("rafdb", runs=tmp_path, include=["frontiers"])


@pytest.mark.parametrize(
    ("data", "metric", "message"),
    [
        ("ferplsu", "accuracy", r"no data set named 'ferplsu'; choices: .*rafdb.*; did you mean 'ferplus'\?"),
        ("avec2014", "accuracy", "no accuracy for avec2014; choices: mae, rmse"),
        ("mnist", "accuracy", "no accuracy for mnist; there are none yet"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_choices(tmp_path, data, metric, message):
    with pytest.raises(ConfigError, match=message):
        table_of(data, metric, tmp_path)
