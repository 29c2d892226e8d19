import pandas as pd
import pytest

from fercli.errors import ConfigError
from fercli.figures.timeline import timeline
from fercli.published.comparison import comparison, numbers

OFFICIAL = "published: official test, 7 classes"


def table_of(data, metric="accuracy", runs="runs", top=None, **chosen):
    return comparison(numbers(data, metric, runs, **chosen), top)


def labels(table):
    return [row.label for block in table.blocks for row in block.rows]


def block(table, start):
    """Label to cells of the block with this title, or else of the one whose title begins so."""
    begun = [block for block in table.blocks if block.title.startswith(start)]
    (found,) = [block for block in begun if block.title == start] or begun
    return {row.label: row.cells for row in found.rows}


def test_published_and_repeated_values_stand_side_by_side(tmp_path):
    cells = block(table_of("rafdb", runs=tmp_path), f"{OFFICIAL}")["DDAMFN"]
    assert cells["accuracy"].published == 91.35
    assert cells["repeated"].value == 91.04
    assert cells["repeated"].notes == ("SainingZhang/DDAMFN issue 17 (released weights)",)


def test_several_repeats_become_a_range_with_a_footnote(tmp_path):
    table = table_of("rafdb", runs=tmp_path)
    cell = block(table, f"{OFFICIAL}, pre-trained on MS-Celeb-1M")["DACL"]["repeated"]
    assert cell.text == "85.66 to 87.22"
    (note,) = cell.notes
    assert note.startswith("users of the released code (public issue threads): 87.22 (released code and weights; batch")
    assert "85.66" in note


def test_random_splits_of_the_pooled_parts_are_a_block_and_repeat_nothing(tmp_path):
    table = table_of("rafdb", runs=tmp_path)
    pooled = block(table, "published: test, random 60/20/20 of the pooled official parts (10 splits)")
    assert list(pooled) == ["LNSU-Net", "DDAMFN", "DAN", "POSTER", "POSTER++"]
    cell = pooled["POSTER++"]["accuracy"]
    assert (cell.published, cell.published_sd, cell.published_n) == (75.6, 0.9, 10)
    notes = [note for part in table.blocks for row in part.rows for cell in row.cells.values() for note in cell.notes]
    assert not any("crossval" in note for note in notes)
    texts = [row.cells["repeated"].text for part in table.blocks for row in part.rows if "repeated" in row.cells]
    assert "81.00 to 91.00" in texts


def test_one_published_number_takes_one_row(tmp_path):
    rows = labels(table_of("rafdb", runs=tmp_path))
    assert rows.count("DLP-CNN") == 1
    assert not any("baseline" in label or "[" in label for label in rows)
    places = block(table_of("rafdb", runs=tmp_path), OFFICIAL)["DLP-CNN"]["accuracy"].sources
    assert places == ("dda-dacl.csv: Table 3.3", "dda-dacl.csv: Table 4.1", "dda-dacl.csv: text 2.2.1")


def test_one_protocol_is_one_block_whoever_prints_it(tmp_path):
    for data, metric in (
        ("rafdb", "accuracy"),
        ("affectnet", "accuracy"),
        ("avec2014", "mae"),
        ("ferplus", "accuracy"),
    ):
        titles = [part.title for part in table_of(data, metric, tmp_path).blocks]
        assert len(titles) == len(set(titles))
    assert {"SCN", "DLP-CNN"} <= set(block(table_of("rafdb", runs=tmp_path), OFFICIAL))


def test_a_method_known_only_from_a_repeat_is_shown(tmp_path):
    cells = block(table_of("rafdb", runs=tmp_path), "known only from repeats")
    assert (cells["PAtt-Lite"]["accuracy"].published, cells["PAtt-Lite"]["repeated"].value) == (95.05, 88.07)
    assert cells["CEPrompt"]["accuracy"].published is None


def test_rows_are_sorted_best_first_in_the_direction_of_the_metric(tmp_path):
    for data, metric, sign in [("ferplus", "accuracy", -1), ("avec2014", "mae", 1)]:
        for part in table_of(data, metric, tmp_path).blocks:
            values = [row.cells[metric].published for row in part.rows if row.cells[metric].published is not None]
            assert values == sorted(values, key=lambda value: sign * value)


def test_modality_is_said_only_where_it_tells_rows_apart(tmp_path):
    table = table_of("caer", "clip_accuracy", tmp_path)
    assert {"CAER-Net (face)", "CAER-Net (context)", "CAER-Net (face+context)"} <= set(
        block(table, "published: split not said, clips")
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
    assert block(table, f"{OFFICIAL}, epoch chosen")["POSTER++"]["flags"].text == "repeats fall short by 1.21"
    official = block(table, OFFICIAL)
    assert official["SCN"]["flags"].text == "second-hand"
    assert official["APViT"]["flags"].text == "second-hand; repeats fall short by 1.18"
    assert "flags" not in official["VTFF"]
    assert block(table_of("ferplus", runs=tmp_path), "our runs")["dda"]["flags"].text == "one seed"


def test_the_years_of_published_numbers_can_be_limited(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []})
    table = table_of("rafdb", runs=tmp_path, since=2024)
    pooled = ["LNSU-Net", "DDAMFN", "DAN", "POSTER", "POSTER++"]
    assert labels(table) == [
        "dda",
        *pooled,
        "ResEmoteNet",
        "MFTN-FER",
        "FMAE (ViT-L)",
        "QCS",
        "ResEmoteNet with diffusion data",
    ]
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
    assert list(block(table, OFFICIAL)) == ["ResEmoteNet", "DDAMFN++"]
    assert table.notes[-1].startswith("Each published block shows its best 2;")


def test_the_picture_shows_published_repeated_and_measured_numbers(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []}, accuracy=0.83)
    (axes,) = timeline(numbers("rafdb", "accuracy", runs=tmp_path)).axes
    drawn = {(round(float(x)), float(y)) for line in axes.lines for x, y in zip(*line.get_data(), strict=True)}
    assert {(2024, 94.76), (2024, 80.0), (2023, 92.21), (2023, 91.0), (2020, 86.9)} <= drawn
    assert "dda\nour run dda_x (n = 1)" in {line.get_label() for line in axes.lines if set(line.get_ydata()) == {83.0}}


def test_each_experiment_has_a_line_of_its_own_in_the_picture(tmp_path, write_run, write_fitted):
    for name, accuracy in (("dda_x", 0.83), ("dda_y", 0.84)):
        write_fitted(write_run(tmp_path, name, accuracy=accuracy), accuracy=accuracy - 0.5)
    (axes,) = timeline(numbers("ferplus", "accuracy", runs=tmp_path, include=["measured"])).axes
    drawn = {line.get_label(): round(float(line.get_ydata()[0])) for line in axes.lines}
    assert sorted(drawn.values()) == [33, 34, 83, 84]
    assert {label.partition("\n")[0] for label in drawn} == {"dda", "dda, then svm_0a1b2c"}
    assert not axes.xaxis.get_visible()  # there is no year


def test_runs_on_other_data_stay_out(tmp_path, write_run):
    write_run(tmp_path, data={"name": "rafdb", "fingerprint": "f2", "classes": []})
    assert not [part for part in table_of("ferplus", runs=tmp_path).blocks if part.title.startswith("our runs")]


def test_run_folders_that_cannot_be_used_are_counted_below(tmp_path, write_run):
    damaged = write_run(tmp_path)
    (damaged / "metrics.json").write_text("{")
    (write_run(tmp_path, seed=1) / "metrics.json").unlink()
    assert table_of("ferplus", runs=tmp_path).notes[-2:] == [
        "Run folders left out: 1 damaged or changed, 1 not begun.",
        f"Damaged or changed: {damaged}.",
    ]


@pytest.mark.slow
def test_every_data_set_and_metric_in_print_gives_a_table(tmp_path):
    from fercli.published.numbers import published
    from fercli.tables.export import render

    pairs = published().loc[lambda frame: frame["data"] != "", ["data", "metric"]].drop_duplicates()
    assert isinstance(pairs, pd.DataFrame)
    for data, metric in pairs.itertuples(index=False):
        assert "published" in render(table_of(data, metric, tmp_path), "markdown")


def test_a_kind_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"no kind of numbers named 'frontiers'; did you mean 'frontier'\?"):
        numbers("rafdb", "accuracy", runs=tmp_path, include=["frontiers"])


@pytest.mark.parametrize(
    ("data", "metric", "message"),
    [
        ("ferplsu", "accuracy", r"no data set named 'ferplsu'; did you mean 'ferplus'\? the nearest of .*: ferplus, "),
        ("avec2014", "accuracy", "no accuracy for avec2014; choices: mae, rmse"),
        ("mnist", "accuracy", "no accuracy for mnist; there are none yet"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_choices(tmp_path, data, metric, message):
    with pytest.raises(ConfigError, match=message):
        table_of(data, metric, tmp_path)
