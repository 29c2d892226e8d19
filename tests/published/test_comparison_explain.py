import json

import pytest

from fercli.errors import ConfigError
from fercli.protocol import FIELDS
from fercli.published.comparison import numbers
from fercli.published.comparison_explain import explain_row, explanation


def words(found, row):
    return explanation(explain_row(found, row), found)


@pytest.fixture
def rafdb(tmp_path):
    return numbers("rafdb", "accuracy", runs=tmp_path)


def test_every_place_that_prints_a_number_is_named(rafdb):
    (one,) = explain_row(rafdb, "DLP-CNN")["published"]
    assert [(place["table"], place["reference"]) for place in one["printed"]] == [
        ("Table 3.3", "[68] Li and Deng, IEEE TIP"),
        ("Table 4.1", "[27] Li et al., CVPR"),
        ("text 2.2.1", "[27] Li et al., CVPR"),
    ]
    assert one["flags"] == ["not re-run"]
    assert one["value"] == 84.13


def test_all_fields_of_the_protocol_are_there_and_what_is_not_said_says_so(rafdb):
    (one,) = explain_row(rafdb, "DLP-CNN")["published"]
    assert tuple(one["protocol"]) == FIELDS
    assert (one["protocol"]["split"], one["protocol"]["pretraining"]) == ("test", None)
    text = words(rafdb, "DLP-CNN")
    assert "    pretraining  not said\n" in text
    assert "    split rule   official (the parts as the data set is released)\n" in text


def test_repeats_stand_below_the_number_of_their_protocol_only(rafdb):
    official, pooled = explain_row(rafdb, "DAN")["published"]
    assert [(one["repeated"], one["by"]) for one in official["repeats"]] == [
        (88.98, "yaoing/DAN issue 22"),
        (89.0, "yaoing/DAN issue 6"),
    ]
    assert pooled["repeats"] == []
    assert (pooled["value"], pooled["sd"], pooled["runs"]) == (86.7, 0.7, 10)
    assert "  repeated: 88.98 %, against 89.70\n    by           yaoing/DAN issue 22\n" in explanation(
        explain_row(rafdb, "DAN"), rafdb
    )


def test_a_row_known_only_from_repeats(rafdb):
    document = explain_row(rafdb, "CEPrompt")
    assert document["published"] == []
    assert [one["by"] for one in document["repeated"]] == ["HaoliangZhou/CEPrompt issue 3"]
    assert "known only from repeats by others\n  repeated: 90.03 %\n" in explanation(
        explain_row(rafdb, "CEPrompt"), rafdb
    )


def test_a_name_of_the_source_finds_the_row_in_any_case(rafdb):
    assert explain_row(rafdb, "best BASELINE (dlp-cnn)")["published"][0]["name"] == "DLP-CNN"


def test_a_measured_row_names_its_folders_seeds_and_store(tmp_path, write_run):
    folders = [str(write_run(tmp_path, seed=seed, accuracy=value)) for seed, value in enumerate([0.84, 0.86])]
    found = numbers("ferplus", "accuracy", runs=tmp_path)
    (one,) = explain_row(found, "dda")["measured"]
    assert (one["folders"], one["seeds"]) == (folders, [0, 1])
    assert (one["value"], one["sd"]) == (pytest.approx(85), pytest.approx(2**0.5))
    assert explain_row(found, "dda_x")["measured"] == [one]  # by its run id
    text = words(found, "dda")
    assert "measured: dda, resnet18, run dda_x, 85.00 ± 1.41 % (n = 2)" in text
    assert "    store        ferplus, fingerprint f1\n" in text
    assert all(folder in text for folder in folders)


def test_cautions_of_the_data_set_are_told_and_the_document_is_json(rafdb):
    document = json.loads(json.dumps(explain_row(rafdb, "QCS")))
    assert document["published"][0]["protocol"]["aggregation"] == "maximum of 5"
    assert any(caution.startswith("No public validation split") for caution in document["cautions"])


def test_an_unknown_row_is_refused_with_the_nearest_names(rafdb):
    with pytest.raises(ConfigError, match=r"no row named 'DLPCNN' in RAF-DB: accuracy; .*DLP-CNN"):
        explain_row(rafdb, "DLPCNN")
