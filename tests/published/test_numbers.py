import pytest

from fercli.errors import ConfigError
from fercli.protocol import Protocol
from fercli.published.numbers import cautions, published, published_value, reconstruction, repeats, with_fields
from fercli.published.publications import agree, publications


def lines(data, metric="accuracy", **columns):
    frame = published()
    frame = frame[(frame["data"] == data) & (frame["metric"] == metric)]
    for column, value in columns.items():
        frame = frame[frame[column] == value]
    return frame


def rows_of(frame):
    return frame.to_dict("records")


def test_all_packaged_numbers_pass_the_rules():
    frame = published()
    assert len(frame) == 648
    assert frame.loc[frame["dataset"] != "none", "data"].str.fullmatch(r"[a-z0-9_]+").all()
    assert frame["value"].dtype == float
    assert (frame["name"] != "").all()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (("dda-dacl", "Table 3.1", "DDA loss gamma=7.0", "accuracy", "W-MNIST/MNIST"), 97.34),
        (("dda-dacl", "Table 3.3", "DDA loss", "mean_class_accuracy", "RAF-DB"), 79.71),
        (("dda-dacl", "Table 4.2", "DACL [MS-CELEB-1M]", "accuracy", "AffectNet"), 65.20),
    ],
)
def test_a_number_is_found_by_its_key(key, value):
    assert published_value(*key) == value


def test_fields_of_the_protocol_tell_numbers_of_one_table_apart():
    key = ("frontier", "literature", "DAN", "accuracy", "AffectNet")
    with pytest.raises(ConfigError, match=r"2 published numbers .* differ in protocol:\n.*7 classes.*\n.*8 classes"):
        published_value(*key)
    assert published_value(*key, protocol={"classes": "8"}) == 62.09
    with pytest.raises(ConfigError, match=r"0 published numbers .* with \{'classes': '9'\}; they differ in protocol"):
        published_value(*key, protocol={"classes": "9"})


def test_a_missing_key_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match=r"no published method 'DDA los' for .*did you mean 'DDA loss'"):
        published_value("dda-dacl", "Table 3.3", "DDA los", "accuracy", "RAF-DB")
    with pytest.raises(ConfigError, match=r"no published source 'dda-dac'.*did you mean 'dda-dacl'"):
        published_value("dda-dac", "Table 3.3", "DDA loss", "accuracy", "RAF-DB")


def test_protocols_are_those_of_the_sources():
    dacl = lines("rafdb", name="DACL")["protocol"].iloc[0]
    assert dacl == Protocol(
        dataset="RAF-DB",
        split="test",
        split_rule="official",
        classes="7",
        repeats="1",
        pretraining="MS-Celeb-1M",
        selection="reported split",
        criterion="accuracy",
        aggregation="single",
        crop="aligned images of the release, 224 x 224 of 256 x 256",
    )
    scratch = lines("affectnet", name="DDA loss", table="Table 3.4")["protocol"].iloc[0]
    assert (scratch.pretraining, scratch.split, scratch.selection) == ("none", "validation", "")
    dlga = lines("avec2014", "mae", table="Table 4")["protocol"].iloc[0]
    assert (dlga.selection, dlga.pretraining, dlga.landmarks) == ("training loss", "none", "OpenFace, 68 points")
    manual = with_fields(rows_of(lines("affectnet")), {"labels": "manual", "classes": "8"})
    assert {row["table"] for row in manual} == {"Table 3.1"}


def test_random_splits_of_pooled_parts_are_published_under_a_protocol_of_their_own():
    frame = published()
    pooled = with_fields(rows_of(frame), {"split_rule": "random 60/20/20 of the pooled official parts"})
    assert {row["reference"] for row in pooled} == set(
        frame.loc[frame["reference"].str.contains("crossval"), "reference"]
    )
    found = {(r["data"], r["metric"], r["method"]): (r["value"], r["sd"]) for r in pooled if r["sd"] == r["sd"]}
    assert found == {
        ("rafdb", "accuracy", "LNSU-Net"): (88.9, 0.6),
        ("rafdb", "accuracy", "DDAMFN"): (87.4, 0.6),
        ("rafdb", "accuracy", "DAN"): (86.7, 0.7),
        ("rafdb", "accuracy", "POSTER"): (79.7, 1.1),
        ("rafdb", "accuracy", "POSTER++"): (75.6, 0.9),
        ("ferplus", "accuracy", "DAN"): (84.3, 0.4),
        ("ferplus", "accuracy", "DDAMFN"): (84.2, 0.5),
    }
    assert {(row["protocol"].aggregation, row["protocol"].repeats) for row in pooled} == {("mean", "10")}
    assert not repeats()["by"].str.contains("crossval").any()
    assert not frame["notes"].str.contains("10-run").any()


def test_a_repeat_stands_beside_its_number_or_names_one_that_no_file_has():
    others, numbers = repeats(), published()
    for (data, metric), group in others.groupby(["data", "metric"]):
        prints = numbers[(numbers["data"] == data) & (numbers["metric"] == metric)]
        found = publications(prints, group)
        beside = {index for one in found for index in one.repeats.index}
        alone = set(group.drop(index=list(beside))["method"])
        assert alone <= {"PAtt-Lite", "CEPrompt", "MEK (ResNet-18)", "APViT"}, data
        for one in found:
            assert all(agree(protocol, one.protocol) for protocol in one.repeats["protocol"])


def test_no_number_is_from_memory_and_every_claim_that_did_not_repeat_says_so():
    frame = published()
    assert not frame["notes"].str.contains("from memory").any()
    doubtful = frame[frame["name"] == "ResEmoteNet"]
    assert set(doubtful["data"]) == {"rafdb", "affectnet", "ferplus"}
    assert all(any("not reproduced" in doubt for doubt in doubts) for doubts in doubtful["doubts"])


def test_doubts_are_kept_apart_from_other_notes():
    rafdb = lines("rafdb", source="frontier").set_index("method")
    assert rafdb["doubts"]["VTFF"] == ()
    assert rafdb["doubts"]["SCN"] == ("second-hand table: confirm before citing",)


def test_cautions_are_those_of_the_data_set():
    assert cautions("caer_s") == ["Training and test stills come from the same clips."]
    assert cautions("wmnist") == []
    assert any("35,711 images" in caution for caution in cautions("ferplus"))


def test_a_reconstruction_is_said_of_the_source_and_of_its_method():
    (said,) = reconstruction("dj-ldml")
    assert said.startswith("DJ-LDML is a reconstruction")
    assert "no published number" in said
    assert reconstruction("dj_ldml") == [said]
    assert reconstruction("dlga-cnn") == reconstruction("dlga_cnn") == []
